package dev.workerfarm.pool.map;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;

/** Sizes chunks: about {@value #TARGET_MILLIS} ms of work as measured, less towards the end. Threads may share it. */
final class ChunkSizer {
    private static final int TARGET_MILLIS = 100;
    private static final int LARGEST = 5_000;
    private static final int FIRST = 16;
    private static final int GROWTH = 4;
    private static final int CHUNKS_PER_WORKER = 4;
    private static final double WEIGHT_OF_NEWEST = 0.3;

    private final int fixed;
    private final int workers;

    @GuardedBy("this")
    private double nanosPerItem;

    @GuardedBy("this")
    private int allowed;

    /** @param fixed the caller's own size, or 0: automatic */
    ChunkSizer(int fixed, int workers) {
        this.fixed = fixed;
        this.workers = Math.max(1, workers);
        this.allowed = FIRST;
    }

    /** The size of the next chunk, 1 or more. {@code remaining} items are left, or -1: unknown. */
    synchronized int next(long remaining) {
        if (fixed > 0) {
            return fixed;
        }
        var size = allowed;
        if (nanosPerItem > 0) {
            size = (int) Math.min(allowed, Duration.ofMillis(TARGET_MILLIS).toNanos() / nanosPerItem);
        }
        if (remaining >= 0) {
            var share = (remaining + (long) workers * CHUNKS_PER_WORKER - 1) / ((long) workers * CHUNKS_PER_WORKER);
            size = (int) Math.min(size, share);
        }
        return Math.max(1, size);
    }

    synchronized void measured(int items, long nanos) {
        var perItem = Math.max(1.0, (double) nanos / items);
        nanosPerItem = nanosPerItem == 0 ? perItem : nanosPerItem + WEIGHT_OF_NEWEST * (perItem - nanosPerItem);
        allowed = Math.min(LARGEST, Math.max(allowed, items * GROWTH));
    }
}
