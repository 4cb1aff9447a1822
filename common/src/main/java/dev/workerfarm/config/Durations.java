package dev.workerfarm.config;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Durations as people write them, {@code 500ms}, {@code 20s} or a bare 20, {@code 5m}, {@code 2h}, and the JDK's. */
public final class Durations {
    private static final Pattern FORM = Pattern.compile("(\\d{1,9})(ms|s|m|h)?");
    private static final long LONGEST_NANOS = Long.MAX_VALUE / 2; // so moments that far apart compare by difference

    private Durations() {}

    /** In nanoseconds, shortened to 146 years either way, where {@link Duration#toNanos} would overflow. */
    public static long nanos(Duration duration) {
        return Math.max(-LONGEST_NANOS, Math.min(LONGEST_NANOS, TimeUnit.NANOSECONDS.convert(duration)));
    }

    /** In milliseconds, shortened to what an int holds, 24 days either way, for those who take no more. */
    public static int intMillis(Duration duration) {
        var millis = TimeUnit.MILLISECONDS.convert(duration);
        return (int) Math.max(-Integer.MAX_VALUE, Math.min(Integer.MAX_VALUE, millis));
    }

    /** Reads a duration. Throws IllegalArgumentException if it has another form. */
    public static Duration parse(String text) {
        var matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is no duration: write 500ms, 20s, 5m or 2h");
        }
        var number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2) == null ? "s" : matcher.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofSeconds(number);
        };
    }
}
