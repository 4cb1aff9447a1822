package dev.workerfarm.pool;

import dev.workerfarm.pool.map.MapRun;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.PackedList;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The outcomes of a map as they come, none of them thrown. Belongs to one thread; closing it early cancels what no worker
 * has begun.
 *
 * @param <R> the task's result
 */
public final class Outcomes<R> implements Iterable<ItemOutcome<R>>, AutoCloseable {
    private final MapRun run;
    private final Function<@Nullable Object, R> conversion;
    private final Runnable mayWait;

    /** @param mayWait throws where the present thread must not wait for the outcomes */
    Outcomes(MapRun run, Function<@Nullable Object, R> conversion, Runnable mayWait) {
        this.run = run;
        this.conversion = conversion;
        this.mayWait = mayWait;
    }

    /** For a {@code for} loop over the outcomes that were not taken yet; none comes twice. A loop that may end early needs a {@link #close}. */
    @Override
    public Iterator<ItemOutcome<R>> iterator() {
        return iterator(outcome -> outcome);
    }

    /** The same iterator, of what is made of each outcome. */
    <T> Iterator<T> iterator(Function<ItemOutcome<R>, T> each) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return Outcomes.this.hasNext();
            }

            @Override
            public T next() {
                return each.apply(Outcomes.this.next());
            }
        };
    }

    /** Waits for all outcomes that were not taken yet. Throws as {@link #hasNext}. */
    public List<ItemOutcome<R>> toList() {
        List<ItemOutcome<R>> all = new ArrayList<>();
        forEach(all::add);
        return all;
    }

    /**
     * Waits for all results that were not taken yet, and adds them. Throws at the first item that failed, and as {@link #hasNext}; it
     * may be called again after that.
     *
     * @param keepsNumbers whether a whole number is a result, as it came
     */
    void addResults(ResultList<R> all, boolean keepsNumbers) {
        while (hasNext()) {
            var items = run.nextItems();
            if (keepsNumbers && items.outcomes() instanceof PackedList<Outcome> packed && packed.isOfNumbers()) {
                all.addNumbers(packed);
                continue;
            }
            var index = items.start();
            for (var outcome : items.outcomes()) {
                all.add(new ItemOutcome<>(run.mapId(), new MapRun.Item(index++, outcome), conversion).value());
            }
        }
    }

    /**
     * Waits for the next outcome.
     *
     * @throws dev.workerfarm.error.ResultTimeoutException if the map's timeout came first
     * @throws dev.workerfarm.error.TaskCancelledException if the pool was terminated
     * @throws dev.workerfarm.error.NestedCallRefused if this thread runs a task of the lane that is to run these
     * @throws dev.workerfarm.error.FarmException if the broker failed us
     */
    public boolean hasNext() {
        requireWait();
        return run.hasNext();
    }

    /** As {@link #hasNext()}, waiting no longer than {@code timeout}; after a time-out it may be called again. */
    boolean hasNext(Duration timeout) {
        requireWait();
        return run.hasNext(timeout);
    }

    private void requireWait() {
        if (!run.isReady()) {
            mayWait.run();
        }
    }

    /** Whether {@link #hasNext()} would answer at once; while it is false, a caller may do something else. */
    public boolean isReady() {
        return run.isReady();
    }

    /**
     * The next outcome; waits for it.
     *
     * @throws java.util.NoSuchElementException at the end
     */
    public ItemOutcome<R> next() {
        requireWait();
        return new ItemOutcome<>(run.mapId(), run.next(), conversion);
    }

    @Override
    public void close() {
        run.close();
    }

    String mapId() {
        return run.mapId();
    }

    @Override
    public String toString() {
        return "outcomes of map " + run.mapId() + ", taken by a for loop or toList()";
    }
}
