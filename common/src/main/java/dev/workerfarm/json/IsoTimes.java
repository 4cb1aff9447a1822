package dev.workerfarm.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.KeyDeserializer;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The classes of {@code java.time} as the ISO 8601 texts that they print and parse, with nothing lost: no zone, no
 * nanosecond. Text only: a number would be seconds to one reader and milliseconds to another. Stateless.
 */
final class IsoTimes {
    /** Celery's clients before 5.3 send a date so. */
    private static final Pattern MIDNIGHT = Pattern.compile("T00:00:00$");

    /** A YearMonth prints such a year without the sign that it wants to parse. */
    private static final Pattern LARGE_YEAR = Pattern.compile("\\d{5}");

    private static final Map<Class<?>, Function<String, ?>> PARSERS = Map.ofEntries(
            Map.entry(Duration.class, Duration::parse),
            Map.entry(Instant.class, Instant::parse),
            Map.entry(
                    LocalDate.class,
                    text -> LocalDate.parse(MIDNIGHT.matcher(text).replaceFirst(""))),
            Map.entry(LocalDateTime.class, LocalDateTime::parse),
            Map.entry(LocalTime.class, LocalTime::parse),
            Map.entry(MonthDay.class, MonthDay::parse),
            Map.entry(OffsetDateTime.class, OffsetDateTime::parse),
            Map.entry(OffsetTime.class, OffsetTime::parse),
            Map.entry(Period.class, Period::parse),
            Map.entry(
                    Year.class,
                    text -> Year.of(Integer.parseInt(text))), // Year.parse refuses the year 5 that it prints
            Map.entry(
                    YearMonth.class,
                    text -> YearMonth.parse(LARGE_YEAR.matcher(text).lookingAt() ? "+" + text : text)),
            Map.entry(ZoneId.class, ZoneId::of),
            Map.entry(ZoneOffset.class, ZoneOffset::of),
            Map.entry(ZonedDateTime.class, ZonedDateTime::parse));

    private IsoTimes() {}

    /** How a text of this class is parsed; null for a class that is not of {@code java.time}, or an enum. */
    static @Nullable Function<String, ?> parser(Class<?> type) {
        if (!type.getName().startsWith("java.time.")) {
            return null; // without the parsers, which most processes never need
        }
        return PARSERS.get(ZoneId.class.isAssignableFrom(type) && type != ZoneOffset.class ? ZoneId.class : type);
    }

    static final class Value extends StdScalarDeserializer<Object> {
        private static final long serialVersionUID = 1L;

        private final transient Function<String, ?> parser;

        Value(Class<?> type, Function<String, ?> parser) {
            super(type);
            this.parser = parser;
        }

        @Override
        public @Nullable Object deserialize(JsonParser json, DeserializationContext context) throws IOException {
            // Celery's clients of 5.3 and later wrap a datetime: {"__type__": "datetime", "__value__":
            // "2026-01-02T03:04:05"}.
            var text = json.hasToken(JsonToken.START_OBJECT)
                    ? context.readValue(json, Map.class).get("__value__")
                    : json.hasToken(JsonToken.VALUE_STRING) ? json.getText() : null;
            if (!(text instanceof String iso)) {
                return context.handleUnexpectedToken(_valueClass, json);
            }
            try {
                return parser.apply(iso);
            } catch (DateTimeException | NumberFormatException e) {
                return context.handleWeirdStringValue(_valueClass, iso, "not the ISO 8601 text of one");
            }
        }
    }

    static final class Key extends KeyDeserializer {
        private final Class<?> type;
        private final Function<String, ?> parser;

        Key(Class<?> type, Function<String, ?> parser) {
            this.type = type;
            this.parser = parser;
        }

        @Override
        public @Nullable Object deserializeKey(String name, DeserializationContext context) throws IOException {
            try {
                return parser.apply(name);
            } catch (DateTimeException | NumberFormatException e) {
                return context.handleWeirdKey(type, name, "not the ISO 8601 text of one");
            }
        }
    }
}
