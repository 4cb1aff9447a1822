package dev.workerfarm.worker.process;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Whether the process has given up what runs: its outcome is dropped, and not published. Threads may share it. */
public final class Cancellation {
    private final CountDownLatch cancelled = new CountDownLatch(1);

    public void cancel() {
        cancelled.countDown();
    }

    public boolean isCancelled() {
        return cancelled.getCount() == 0;
    }

    /** Waits until it is so, or the time is over, and says whether it is cancelled; an interrupt does not end the wait. */
    public boolean await(Duration time) {
        var deadline = System.nanoTime() + time.toNanos();
        var interrupted = false;
        try {
            while (true) {
                try {
                    return cancelled.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
