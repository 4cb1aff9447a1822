package dev.workerfarm.pool;

import dev.workerfarm.error.TaskFailedException;
import dev.workerfarm.message.Outcome;
import org.jspecify.annotations.Nullable;

/** Raises what travelled as data. */
final class Failures {
    private Failures() {}

    /** The value, or the failure as an exception. */
    static @Nullable Object valueOf(String id, Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed) {
            var failure = failed.failure();
            throw new TaskFailedException(id, failure.type(), failure.text(), failure.stack());
        }
        return ((Outcome.Succeeded) outcome).value();
    }
}
