package dev.workerfarm.pool.map;

import com.google.errorprone.annotations.concurrent.GuardedBy;

/** Announces once, on the thread that finds out, that a map's feeder has ended and all chunks are answered. */
final class Remaining {
    private final Runnable nothingRemains;

    /** Unanswered chunks, plus one while the feeder is running. */
    @GuardedBy("this")
    private long count = 1;

    /** Between the two halves of a close nothing is announced. */
    @GuardedBy("this")
    private boolean closing;

    @GuardedBy("this")
    private boolean announced;

    Remaining(Runnable nothingRemains) {
        this.nothingRemains = nothingRemains;
    }

    synchronized void chunkFed() {
        count++;
    }

    /** A chunk's outcome is known, or the feeder has ended. */
    void ended() {
        synchronized (this) {
            count--;
        }
        announceIf(false);
    }

    /** Answers announce no end from now on: workers are asked to stop before that. True if anything remains. */
    synchronized boolean beginClose() {
        closing = true;
        return count > 0;
    }

    /** Announces the end, whatever remains. */
    void closed() {
        announceIf(true);
    }

    private void announceIf(boolean closed) {
        synchronized (this) {
            if (announced || !(closed || (count == 0 && !closing))) {
                return;
            }
            announced = true;
        }
        nothingRemains.run();
    }
}
