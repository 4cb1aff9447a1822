package dev.workerfarm.pool.transport;

import dev.workerfarm.config.Durations;
import dev.workerfarm.error.CallInterruptedException;
import dev.workerfarm.error.PublishTimeoutException;
import dev.workerfarm.wire.EncodedMessage;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Bounds the memory of messages that are kept until they are answered, to be published again where their answers are lost: a
 * quarter of the heap. Threads may share it.
 */
final class UnansweredBytes {
    private static final int UNIT_BYTES = 1024;
    /** A message with its properties, its promise and its place in a map. */
    private static final int OBJECTS_BYTES = 1024;

    private final int units;
    private final Semaphore free;

    UnansweredBytes(long bytes) {
        this.units = (int) Math.min(Integer.MAX_VALUE, Math.max(1, bytes / UNIT_BYTES));
        this.free = new Semaphore(units);
    }

    static UnansweredBytes ofQuarterHeap() {
        return new UnansweredBytes(Runtime.getRuntime().maxMemory() / 4);
    }

    /**
     * Waits until there is room for a message, which is then taken; {@link #release} gives it back. Throws
     * PublishTimeoutException if there was none in time, CallInterruptedException.
     */
    int take(EncodedMessage message, Duration timeout) {
        var wanted = Math.min(units, (message.body().length + OBJECTS_BYTES) / UNIT_BYTES);
        try {
            if (!free.tryAcquire(wanted) // first: an interrupted thread that need not wait is not refused here
                    && !free.tryAcquire(wanted, Durations.nanos(timeout), TimeUnit.NANOSECONDS)) {
                throw new PublishTimeoutException("unanswered tasks hold " + (units - free.availablePermits()) / 1024
                        + " MiB, a quarter of the heap, and none was answered within " + timeout.toMillis()
                        + " ms: start more workers, take a larger heap (-Xmx), or publish fewer at a time");
            }
            return wanted;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CallInterruptedException("interrupted while unanswered tasks hold a quarter of the heap", e);
        }
    }

    void release(int taken) {
        free.release(taken);
    }
}
