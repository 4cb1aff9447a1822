package dev.workerfarm.pool;

import dev.workerfarm.error.TaskFailedException;
import dev.workerfarm.pool.map.MapRun;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How one item of a map ended. Immutable.
 *
 * @param <R> its result
 */
public final class ItemOutcome<R> {
    private final long index;
    private final String id;
    private final Outcome outcome;
    private final Function<@Nullable Object, R> conversion;

    ItemOutcome(String mapId, MapRun.Item item, Function<@Nullable Object, R> conversion) {
        this.index = item.index();
        this.id = mapId + ":" + item.index();
        this.outcome = item.outcome();
        this.conversion = conversion;
    }

    /** Its place in the input, from 0. */
    public long index() {
        return index;
    }

    /** {@code <map id>:<index>}. */
    public String id() {
        return id;
    }

    public boolean succeeded() {
        return outcome instanceof Outcome.Succeeded;
    }

    /**
     * Its result.
     *
     * @throws TaskFailedException if it failed
     * @throws dev.workerfarm.json.DecodeException if the result is not of the task's type
     */
    public R value() {
        return conversion.apply(valueOf(id, outcome));
    }

    /** How it failed, or null: it succeeded. */
    public @Nullable Failure failure() {
        return outcome instanceof Outcome.Failed failed ? failed.failure() : null;
    }

    /** The value of a task that succeeded; throws where it failed. */
    static @Nullable Object valueOf(String id, Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed) {
            var failure = failed.failure();
            throw new TaskFailedException(id, failure.type(), failure.text(), failure.stack());
        }
        return ((Outcome.Succeeded) outcome).value();
    }

    @Override
    public String toString() {
        return id + " " + outcome;
    }
}
