package dev.workerfarm.pool;

import dev.workerfarm.pool.map.MapRun;
import java.time.Duration;
import java.util.Iterator;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The outcomes of a map as they come, none of them thrown. Belongs to one thread; closing it early cancels what no worker
 * has begun.
 *
 * @param <R> the task's result
 */
public final class Outcomes<R> implements Iterator<ItemOutcome<R>>, AutoCloseable {
    private final MapRun run;
    private final Function<@Nullable Object, R> conversion;

    Outcomes(MapRun run, Function<@Nullable Object, R> conversion) {
        this.run = run;
        this.conversion = conversion;
    }

    /**
     * Waits for the next outcome.
     *
     * @throws dev.workerfarm.error.ResultTimeoutException if the map's timeout came first
     * @throws dev.workerfarm.error.TaskCancelledException if the pool was terminated
     * @throws dev.workerfarm.error.FarmException if the broker failed us
     */
    @Override
    public boolean hasNext() {
        return run.hasNext();
    }

    /** As {@link #hasNext()}, waiting no longer than {@code timeout}; after a time-out it may be called again. */
    boolean hasNext(Duration timeout) {
        return run.hasNext(timeout);
    }

    /** Whether {@link #hasNext()} would answer at once; while it is false, a caller may do something else. */
    public boolean isReady() {
        return run.isReady();
    }

    @Override
    public ItemOutcome<R> next() {
        return new ItemOutcome<>(run.mapId(), run.next(), conversion);
    }

    @Override
    public void close() {
        run.close();
    }
}
