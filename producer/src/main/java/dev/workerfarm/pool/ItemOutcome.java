package dev.workerfarm.pool;

import dev.workerfarm.error.TaskFailedException;
import dev.workerfarm.message.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * How one item of a map ended.
 *
 * @param index its place in the input, from 0
 * @param id {@code <map id>:<index>}
 */
public record ItemOutcome(long index, String id, Outcome outcome) {
    /**
     * The item's value as JSON has it.
     *
     * @throws TaskFailedException if it failed
     */
    public @Nullable Object value() {
        return Failures.valueOf(id, outcome);
    }
}
