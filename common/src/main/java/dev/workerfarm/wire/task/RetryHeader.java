package dev.workerfarm.wire.task;

import dev.workerfarm.json.DecodeException;
import dev.workerfarm.task.RetryPolicy;
import dev.workerfarm.wire.Headers;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A {@link RetryPolicy} in a message's header {@code farm-retry}, a table {@code {"attempts": 5, "first_ms": 1000,
 * "factor": 2.0, "cap_ms": 600000, "jitter": 0.2, "only": [...], "never": [...]}}. All but the attempts may be left out and
 * then are as in {@link RetryPolicy#of}. Stateless.
 */
public final class RetryHeader {
    private static final int MOST_NAMES = 100;

    private RetryHeader() {}

    /** The headers that a call with this policy has; none for null. */
    static Map<String, Object> of(@Nullable RetryPolicy policy) {
        return policy == null
                ? Map.of()
                : Map.of(
                        Headers.RETRY,
                        Map.of(
                                "attempts", policy.attempts(),
                                "first_ms", policy.first().toMillis(),
                                "factor", policy.factor(),
                                "cap_ms", policy.cap().toMillis(),
                                "jitter", policy.jitter(),
                                "only", List.copyOf(policy.only()),
                                "never", List.copyOf(policy.never())));
    }

    /**
     * The policy of a message; null if it has none.
     *
     * @throws DecodeException if the header is anything else
     */
    static @Nullable RetryPolicy read(Map<String, ? extends @Nullable Object> headers) {
        var value = headers.get(Headers.RETRY);
        if (value == null) {
            return null;
        }
        if (!(value instanceof Map<?, ?> fields)) {
            throw wrong("a table", null);
        }
        var usual = RetryPolicy.of(1);
        try {
            return new RetryPolicy(
                    Math.toIntExact(whole(fields, "attempts", null)),
                    Duration.ofMillis(whole(fields, "first_ms", usual.first().toMillis())),
                    real(fields, "factor", usual.factor()),
                    Duration.ofMillis(whole(fields, "cap_ms", usual.cap().toMillis())),
                    real(fields, "jitter", usual.jitter()),
                    names(fields, "only"),
                    names(fields, "never"));
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw wrong(String.valueOf(e.getMessage()), e);
        }
    }

    private static long whole(Map<?, ?> fields, String name, @Nullable Long absent) {
        var value = fields.get(name);
        if (value == null && absent != null) {
            return absent;
        }
        if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return ((Number) value).longValue();
        }
        throw wrong(name + " a whole number", null);
    }

    private static double real(Map<?, ?> fields, String name, double absent) {
        var value = fields.get(name);
        if (value == null) {
            return absent;
        }
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        throw wrong(name + " a number", null);
    }

    private static Set<String> names(Map<?, ?> fields, String name) {
        var value = fields.get(name);
        if (value == null) {
            return Set.of();
        }
        if (!(value instanceof List<?> list) || list.size() > MOST_NAMES) {
            throw wrong(name + " a list of at most " + MOST_NAMES + " names", null);
        }
        Set<String> names = new HashSet<>();
        for (var each : list) {
            if (!(each instanceof String text)) {
                throw wrong(name + " a list of texts", null);
            }
            names.add(text);
        }
        return names;
    }

    private static DecodeException wrong(String wanted, @Nullable Exception cause) {
        return new DecodeException("header '" + Headers.RETRY + "' is no retry policy: " + wanted, cause);
    }
}
