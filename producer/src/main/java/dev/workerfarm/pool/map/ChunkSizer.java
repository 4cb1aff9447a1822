package dev.workerfarm.pool.map;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Sizes chunks: about {@value #TARGET_MILLIS} ms of work as measured, half of that where the end of the input is not known, and less
 * towards the end, but no less than {@value #LEAST_MICROS}
 * µs, as a message takes some of that itself. Until the first item of the task was measured, which may well take seconds, a chunk is
 * one item. Threads may share it.
 */
final class ChunkSizer {
    private static final int TARGET_MILLIS = 100;
    private static final int LEAST_MICROS = 4_000;
    private static final int CHUNKS_PER_WORKER = 4;

    private final int fixed;
    private final int workers;
    private final MeasuredTime time;

    /** @param fixed the caller's own size, or 0: automatic */
    ChunkSizer(int fixed, int workers, MeasuredTime time) {
        this.fixed = fixed;
        this.workers = Math.max(1, workers);
        this.time = time;
    }

    /** The size of the next chunk, 1 or more. {@code remaining} items are left, or -1: unknown. */
    int next(long remaining) {
        if (fixed > 0) {
            return fixed;
        }
        var nanosPerItem = time.nanosPerItem();
        if (nanosPerItem == 0) {
            return 1;
        }
        var target = remaining < 0 ? TARGET_MILLIS / 2 : TARGET_MILLIS;
        var size = Duration.ofMillis(target).toNanos() / nanosPerItem;
        if (remaining >= 0) {
            var share = Math.ceil((double) remaining / workers / CHUNKS_PER_WORKER);
            var least = TimeUnit.MICROSECONDS.toNanos(LEAST_MICROS) / nanosPerItem;
            size = Math.min(size, Math.max(share, least));
        }
        return (int) Math.max(1, size);
    }

    void measured(int items, long nanos) {
        time.measured(items, nanos);
    }
}
