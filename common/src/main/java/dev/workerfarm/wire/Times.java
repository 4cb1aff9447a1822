package dev.workerfarm.wire;

import dev.workerfarm.json.DecodeException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Points in time as Celery's headers have them: ISO 8601, without an offset UTC. Stateless. */
public final class Times {
    private static final Pattern FORM = Pattern.compile(
            "(\\d{4}-\\d\\d-\\d\\d)[T ](\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d{1,9})?)?)(Z|[+-]\\d\\d(?::?\\d\\d)?)?");
    /** Six fraction digits, no more and no less: Celery 5.2 refuses nine and takes three for microseconds. */
    private static final DateTimeFormatter WRITTEN =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'+00:00'").withZone(ZoneOffset.UTC);

    private Times() {}

    /** As a Python worker reads it, to the microsecond; later than the year 9999 is the end of it. */
    public static String write(Instant time) {
        var last = Instant.parse("9999-12-31T23:59:59Z");
        return WRITTEN.format(time.isAfter(last) ? last : time);
    }

    /** A header that is a time; null if it is absent or null. Throws DecodeException if it is anything else. */
    public static @Nullable Instant read(Map<String, ? extends @Nullable Object> headers, String name) {
        var value = headers.get(name);
        if (value == null) {
            return null;
        }
        var parts = FORM.matcher(value instanceof String text ? text : "");
        if (!parts.matches()) {
            throw notATime(name, null);
        }
        try {
            var offset = parts.group(3) == null ? ZoneOffset.UTC : ZoneOffset.of(parts.group(3));
            return LocalDateTime.parse(parts.group(1) + "T" + parts.group(2)).toInstant(offset);
        } catch (DateTimeException e) {
            throw notATime(name, e);
        }
    }

    private static DecodeException notATime(String name, @Nullable Exception cause) {
        return new DecodeException("header '" + name + "' must be an ISO 8601 time", cause);
    }
}
