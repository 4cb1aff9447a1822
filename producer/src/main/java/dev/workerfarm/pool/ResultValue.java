package dev.workerfarm.pool;

import dev.workerfarm.error.TaskFailedException;
import dev.workerfarm.wire.Outcome;
import org.jspecify.annotations.Nullable;

/** Makes a value, or an exception, of an outcome. Stateless. */
final class ResultValue {
    private ResultValue() {}

    /**
     * The value of a task that succeeded.
     *
     * @throws TaskFailedException if it failed
     */
    static @Nullable Object of(String id, Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed) {
            var failure = failed.failure();
            throw new TaskFailedException(id, failure.type(), failure.text(), failure.stack());
        }
        return ((Outcome.Succeeded) outcome).value();
    }
}
