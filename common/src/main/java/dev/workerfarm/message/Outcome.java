package dev.workerfarm.message;

import org.jspecify.annotations.Nullable;

/** How a task, or one item of a map, ended. */
public sealed interface Outcome {
    /** It returned: a JSON value (null, Boolean, Long or BigInteger, Double, String, List, Map) or what becomes one. */
    record Succeeded(@Nullable Object value) implements Outcome {}

    /** It failed. */
    record Failed(Failure failure) implements Outcome {}
}
