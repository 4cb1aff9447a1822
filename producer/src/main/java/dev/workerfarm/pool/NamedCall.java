package dev.workerfarm.pool;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A task by its name. Arguments and results are JSON values: null, Boolean, Long or BigInteger, Double, String, List, Map.
 * It is published to the queue of the built-in task of that name, or else to {@code farm.tasks}.
 */
public final class NamedCall extends Call<@Nullable Object, NamedCall> {
    NamedCall(Calls calls, Callee<@Nullable Object> callee, CallSettings settings) {
        super(calls, callee, settings);
    }

    @Override
    NamedCall copy(CallSettings settings) {
        return new NamedCall(calls, callee, settings);
    }

    /** Gives arguments by name, beside those by position; replaces those of an earlier call. Not for maps. */
    public NamedCall kwargs(Map<String, ? extends @Nullable Object> kwargs) {
        var fixed = Collections.unmodifiableMap(new LinkedHashMap<>(kwargs)); // Map.copyOf refuses null values
        return with(copy -> copy.kwargs = fixed);
    }
}
