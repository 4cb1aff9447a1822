package dev.workerfarm.wire.task;

import dev.workerfarm.json.DecodeException;
import dev.workerfarm.task.RetryPolicy;
import dev.workerfarm.task.TimeLimits;
import dev.workerfarm.wire.Headers;
import dev.workerfarm.wire.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The headers that say when a task is to run, for how long, and when again. A {@link RetryPolicy} is the table
 * {@code farm-retry}, {@code {"attempts": 5, "first_ms": 1000, "factor": 2.0, "cap_ms": 600000, "jitter": 0.2, "only":
 * [...], "never": [...]}}, all but the attempts as in {@link RetryPolicy#of} if left out. {@link TimeLimits} are
 * Celery's {@code timelimit}, {@code [hard, soft]} in seconds or null; 0 is no limit. {@code farm-timed-out} lists the
 * places of a chunk's items that have outlasted their hard time limit.
 */
public final class CallHeaders {
    private static final double MILLIS = 1_000;
    private static final int MOST_NAMES = 100;

    private CallHeaders() {}

    /** The headers of a call that runs not before {@code eta} and not from {@code expires} on; none for null. */
    public static Map<String, Object> of(
            @Nullable Instant eta, @Nullable Instant expires, @Nullable RetryPolicy retry, TimeLimits limits) {
        Map<String, Object> headers = new HashMap<>();
        if (retry != null) {
            Map<String, Object> fields = Map.of(
                    "attempts", retry.attempts(),
                    "first_ms", retry.first().toMillis(),
                    "factor", retry.factor(),
                    "cap_ms", retry.cap().toMillis(),
                    "jitter", retry.jitter(),
                    "only", List.copyOf(retry.only()),
                    "never", List.copyOf(retry.never()));
            headers.put(Headers.RETRY, fields);
        }
        if (!limits.equals(TimeLimits.NONE)) {
            headers.put(Headers.TIME_LIMIT, Arrays.asList(seconds(limits.hard()), seconds(limits.soft())));
        }
        if (eta != null) {
            headers.put(Headers.ETA, Times.write(eta));
        }
        if (expires != null) {
            headers.put(Headers.EXPIRES, Times.write(expires));
        }
        return headers;
    }

    /** The retry policy of a message; null if it has none. Throws DecodeException if the header is anything else. */
    static @Nullable RetryPolicy retry(Map<String, ? extends @Nullable Object> headers) {
        var value = headers.get(Headers.RETRY);
        if (value == null) {
            return null;
        }
        if (!(value instanceof Map<?, ?> fields)) {
            throw noPolicy("a table", null);
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
            throw noPolicy(String.valueOf(e.getMessage()), e);
        }
    }

    private static long whole(Map<?, ?> fields, String name, @Nullable Long absent) {
        var value = fields.get(name) == null ? absent : Headers.whole(fields.get(name));
        if (value == null) {
            throw noPolicy(name + " a whole number", null);
        }
        return value;
    }

    private static double real(Map<?, ?> fields, String name, double absent) {
        var value = fields.get(name);
        if (value != null && !(value instanceof Number)) {
            throw noPolicy(name + " a number", null);
        }
        return value == null ? absent : ((Number) value).doubleValue();
    }

    private static Set<String> names(Map<?, ?> fields, String name) {
        var value = fields.get(name);
        if (value == null) {
            return Set.of();
        }
        if (!(value instanceof List<?> list)
                || list.size() > MOST_NAMES
                || !list.stream().allMatch(String.class::isInstance)) {
            throw noPolicy(name + " a list of at most " + MOST_NAMES + " names, which are texts", null);
        }
        return list.stream().map(String.class::cast).collect(Collectors.toSet());
    }

    private static DecodeException noPolicy(String wanted, @Nullable Exception cause) {
        return new DecodeException("header '" + Headers.RETRY + "' is no retry policy: " + wanted, cause);
    }

    /** The time limits of a message. Throws DecodeException if the header is anything else. */
    static TimeLimits timeLimits(Map<String, ? extends @Nullable Object> headers) {
        var value = headers.get(Headers.TIME_LIMIT);
        if (value == null) {
            return TimeLimits.NONE;
        }
        if (value instanceof List<?> limits
                && limits.size() == 2
                && limits.stream().allMatch(CallHeaders::isLimit)) {
            return new TimeLimits(duration(limits.get(1)), duration(limits.get(0)));
        }
        throw new DecodeException(
                "header '" + Headers.TIME_LIMIT + "' must be [hard, soft], each a number of seconds from 0 or null");
    }

    private static boolean isLimit(@Nullable Object limit) {
        return limit == null || (limit instanceof Number seconds && seconds.doubleValue() >= 0);
    }

    /** Whole seconds as an integer, as most are written. */
    private static @Nullable Number seconds(@Nullable Duration limit) {
        if (limit == null) {
            return null;
        }
        var millis = Math.max(1, limit.toMillis());
        return millis % 1_000 == 0 ? (Number) (millis / 1_000) : (Number) (millis / MILLIS);
    }

    private static @Nullable Duration duration(@Nullable Object seconds) {
        if (!(seconds instanceof Number number) || number.doubleValue() == 0) {
            return null;
        }
        var millis = Math.round(Math.min(number.doubleValue(), (double) TimeLimits.LONGEST.toSeconds()) * MILLIS);
        return Duration.ofMillis(Math.max(1, millis));
    }

    /** The header of items that have timed out, with one item more. */
    static List<Integer> withTimedOut(Map<String, ? extends @Nullable Object> before, int item) {
        var items = timedOut(before);
        items.add(item);
        return List.copyOf(items);
    }

    /** The items of a message's chunk that have timed out. Throws DecodeException if the header is anything else. */
    static Set<Integer> timedOut(Map<String, ? extends @Nullable Object> headers) {
        var value = headers.get(Headers.TIMED_OUT);
        Set<Integer> items = new TreeSet<>();
        if (value instanceof List<?> list && list.size() <= MapChunk.MAX_ITEMS) {
            list.forEach(each -> items.add(place(Headers.whole(each))));
        } else if (value != null) {
            place(null);
        }
        return items;
    }

    private static int place(@Nullable Long place) {
        if (place == null || place < 0 || place >= MapChunk.MAX_ITEMS) {
            throw new DecodeException("header '" + Headers.TIMED_OUT + "' must be a list of places in a chunk");
        }
        return place.intValue();
    }
}
