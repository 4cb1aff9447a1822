package dev.workerfarm.wire.task;

import dev.workerfarm.json.DecodeException;
import dev.workerfarm.task.TimeLimits;
import dev.workerfarm.wire.Headers;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@link TimeLimits} in Celery's header {@code timelimit}, {@code [hard, soft]} in seconds, each a number or null. As with
 * Celery 0 is no limit. Stateless.
 */
final class TimeLimitHeader {
    private static final double MILLIS = 1_000;

    private TimeLimitHeader() {}

    /** The headers that a call with these limits has. */
    static Map<String, Object> of(TimeLimits limits) {
        return limits.equals(TimeLimits.NONE)
                ? Map.of()
                : Map.of(Headers.TIME_LIMIT, Arrays.asList(seconds(limits.hard()), seconds(limits.soft())));
    }

    /**
     * The limits of a message.
     *
     * @throws DecodeException if the header is anything else
     */
    static TimeLimits read(Map<String, ? extends @Nullable Object> headers) {
        var value = headers.get(Headers.TIME_LIMIT);
        if (value == null) {
            return TimeLimits.NONE;
        }
        if (!(value instanceof List<?> limits) || limits.size() != 2) {
            throw wrong();
        }
        return new TimeLimits(duration(limits.get(1)), duration(limits.get(0)));
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
        if (seconds == null) {
            return null;
        }
        var number = seconds instanceof Number given ? given.doubleValue() : Double.NaN;
        if (!(number >= 0)) {
            throw wrong();
        }
        if (number == 0) {
            return null;
        }
        var millis = Math.round(Math.min(number, (double) TimeLimits.LONGEST.toSeconds()) * MILLIS);
        return Duration.ofMillis(Math.max(1, millis));
    }

    private static DecodeException wrong() {
        return new DecodeException(
                "header '" + Headers.TIME_LIMIT + "' must be [hard, soft], each a number of seconds from 0 or null");
    }
}
