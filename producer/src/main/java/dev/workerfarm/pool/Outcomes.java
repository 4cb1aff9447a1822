package dev.workerfarm.pool;

import java.util.Iterator;

/**
 * The outcomes of a map as they come, in the input's order. Belongs to one thread; closing it stops the map early.
 */
public final class Outcomes implements Iterator<ItemOutcome>, AutoCloseable {
    private final MapRun run;

    Outcomes(MapRun run) {
        this.run = run;
    }

    /**
     * Waits for the next outcome.
     *
     * @throws dev.workerfarm.error.ResultTimeoutException if the map's timeout came first
     * @throws dev.workerfarm.error.FarmException if the broker failed us
     */
    @Override
    public boolean hasNext() {
        return run.hasNext();
    }

    /** Whether {@link #hasNext} would answer at once; while it is false, a caller may do something else. */
    public boolean isReady() {
        return run.isReady();
    }

    @Override
    public ItemOutcome next() {
        return run.next();
    }

    @Override
    public void close() {
        run.close();
    }
}
