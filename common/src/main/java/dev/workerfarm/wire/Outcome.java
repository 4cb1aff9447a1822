package dev.workerfarm.wire;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How a task, or one item of a map, ended, or how it goes on. */
public sealed interface Outcome {
    /** It returned: a JSON value (null, Boolean, Long or BigInteger, Double, String, List, Map) or what becomes one. */
    record Succeeded(@Nullable Object value) implements Outcome {}

    /** It failed; {@code dead} says, between workers, why its message goes to the dead letters, or is null. */
    record Failed(Failure failure, @Nullable String dead) implements Outcome {
        public Failed(Failure failure) {
            this(failure, null);
        }
    }

    /** It has not ended: its message is to be delivered again, not before {@code at}. Between workers only. */
    record Postponed(Instant at, int attempt, @Nullable Failure failure) implements Outcome {}
}
