package dev.workerfarm.pool.map;

import com.google.errorprone.annotations.concurrent.GuardedBy;

/** How long an item of one task runs, as measured in all maps of a pool. Threads may share it. */
public final class MeasuredTime {
    private static final double WEIGHT_OF_NEWEST = 0.3;
    /** The mean of a chunk with so many times the items of all chunks before counts alone: first calls are slow. */
    private static final int COUNTS_ALONE = 4;

    @GuardedBy("this")
    private double nanosPerItem;

    @GuardedBy("this")
    private int largest;

    /** So many items of a chunk, at least 1, ran one after the other in this time. */
    synchronized void measured(int items, long nanos) {
        var perItem = Math.max(1.0, (double) nanos / items);
        nanosPerItem =
                items / COUNTS_ALONE >= largest ? perItem : nanosPerItem + WEIGHT_OF_NEWEST * (perItem - nanosPerItem);
        largest = Math.max(largest, items);
    }

    /** Nanoseconds, at least 1; 0: nothing was measured yet. */
    synchronized double nanosPerItem() {
        return nanosPerItem;
    }
}
