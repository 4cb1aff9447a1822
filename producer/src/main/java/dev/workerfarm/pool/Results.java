package dev.workerfarm.pool;

import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * The results of an {@code imap} as they come, after Python's {@code IMapIterator}. The input is read ahead by a window
 * and no further, so it may be endless. Belongs to one thread; closing it early cancels what no worker has begun.
 *
 * @param <R> the task's result
 */
public final class Results<R> implements Iterable<R>, AutoCloseable {
    private final Outcomes<R> outcomes;

    Results(Outcomes<R> outcomes) {
        this.outcomes = outcomes;
    }

    /** For a {@code for} loop over the results that were not taken yet; none comes twice. A loop that may end early needs a {@link #close}. */
    @Override
    public Iterator<R> iterator() {
        return outcomes.iterator(ItemOutcome::value);
    }

    /**
     * Waits for the next result.
     *
     * @throws dev.workerfarm.error.ResultTimeoutException if the map's timeout came first
     * @throws dev.workerfarm.error.TaskCancelledException if the pool was terminated
     */
    public boolean hasNext() {
        return outcomes.hasNext();
    }

    /**
     * The next result; waits for it.
     *
     * @throws dev.workerfarm.error.TaskFailedException if this item failed; those behind it can still be had
     * @throws NoSuchElementException at the end, as Python raises StopIteration
     */
    public R next() {
        return outcomes.next().value();
    }

    /**
     * The next result, waited for no longer than {@code timeout}: Python's {@code next(timeout)}.
     *
     * @throws dev.workerfarm.error.ResultTimeoutException if it did not come in time; it may be asked for again
     * @throws dev.workerfarm.error.TaskFailedException if this item failed
     * @throws NoSuchElementException at the end
     */
    public R next(Duration timeout) {
        if (!outcomes.hasNext(timeout)) {
            throw new NoSuchElementException();
        }
        return next();
    }

    @Override
    public void close() {
        outcomes.close();
    }

    @Override
    public String toString() {
        return "results of map " + outcomes.mapId() + ", taken by a for loop or next()";
    }
}
