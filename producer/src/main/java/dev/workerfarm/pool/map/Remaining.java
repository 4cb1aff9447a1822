package dev.workerfarm.pool.map;

import com.google.errorprone.annotations.concurrent.GuardedBy;

/**
 * What a map still waits for: the end of its feeder, and the answers of its chunks. Announces once that nothing remains, on
 * the thread that found out. Threads may share it.
 */
final class Remaining {
    private final Runnable nothingRemains;

    @GuardedBy("this")
    private boolean feeding = true;

    @GuardedBy("this")
    private long unanswered;

    /** Between the two halves of a close nothing is announced. */
    @GuardedBy("this")
    private boolean closing;

    @GuardedBy("this")
    private boolean announced;

    Remaining(Runnable nothingRemains) {
        this.nothingRemains = nothingRemains;
    }

    /** A chunk was published. */
    synchronized void chunkFed() {
        unanswered++;
    }

    /** A chunk's outcome is known. */
    void chunkAnswered() {
        synchronized (this) {
            unanswered--;
        }
        announceIf(false);
    }

    /** No more chunks come. */
    void feederEnded() {
        synchronized (this) {
            feeding = false;
        }
        announceIf(false);
    }

    /**
     * Begins to close: answers that come now do not announce the end, so that workers can be asked to stop first.
     *
     * @return whether anything remains
     */
    synchronized boolean beginClose() {
        closing = true;
        return feeding || unanswered > 0;
    }

    /** Announces the end, whatever remains. */
    void closed() {
        announceIf(true);
    }

    private void announceIf(boolean closed) {
        synchronized (this) {
            var nothing = !feeding && unanswered == 0 && !closing;
            if (announced || !(nothing || closed)) {
                return;
            }
            announced = true;
        }
        nothingRemains.run();
    }
}
