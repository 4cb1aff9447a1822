package dev.workerfarm.pool;

import com.google.errorprone.annotations.concurrent.GuardedBy;

/** Counts the calls that a pool has under way, so that it can go when it was closed and the last has ended. Threads may share it. */
final class UnderWay {
    private final Runnable lastEnded;

    @GuardedBy("this")
    private long count;

    @GuardedBy("this")
    private boolean closed;

    /** @param lastEnded called when the last call of a closed pool ends, on the thread that ended it */
    UnderWay(Runnable lastEnded) {
        this.lastEnded = lastEnded;
    }

    /** @throws IllegalStateException if the pool was closed */
    synchronized void begin() {
        if (closed) {
            throw new IllegalStateException("the pool was closed and takes no more calls");
        }
        count++;
    }

    void end() {
        boolean last;
        synchronized (this) {
            count--;
            last = closed && count == 0;
        }
        if (last) {
            lastEnded.run();
        }
    }

    /** Lets nothing more begin. True if nothing is under way now. */
    synchronized boolean close() {
        closed = true;
        return count == 0;
    }

    synchronized boolean isClosed() {
        return closed;
    }
}
