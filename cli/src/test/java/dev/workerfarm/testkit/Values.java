package dev.workerfarm.testkit;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DayOfWeek;
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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A value of each class that may travel, within records.
 *
 * @param any a JSON value
 */
public record Values(
        Plain plain,
        Times times,
        Optionals optionals,
        Arrayed arrayed,
        Collected collected,
        Shape shape,
        Found<Map<String, BigDecimal>> found,
        @Nullable Object any) {

    /** Numbers, texts and constants. */
    public record Plain(
            boolean flag,
            byte tiny,
            short small,
            int whole,
            long wide,
            float single,
            double real,
            char letter,
            @Nullable Long boxed,
            @Nullable Character boxedLetter,
            BigInteger large,
            BigDecimal exact,
            Number number,
            String text,
            DayOfWeek constant,
            UUID id) {}

    /** The classes of {@code java.time}. */
    public record Times(
            Instant instant,
            LocalDate date,
            LocalTime time,
            LocalDateTime dateTime,
            OffsetDateTime offsetDateTime,
            OffsetTime offsetTime,
            ZonedDateTime zoned,
            Duration duration,
            Period period,
            Year year,
            YearMonth yearMonth,
            MonthDay monthDay,
            ZoneId zone,
            ZoneOffset offset) {}

    /** What may be left out. */
    public record Optionals(
            Optional<String> text,
            Optional<List<BigDecimal>> list,
            OptionalInt whole,
            OptionalLong wide,
            OptionalDouble real) {}

    /** Arrays; equal where their elements are. */
    @SuppressWarnings("ArrayRecordComponent") // with an equals of its own
    public record Arrayed(byte[] bytes, long[] wholes, double[] reals, char[] letters, String[] texts) {
        private List<Object> elements() {
            return List.of(
                    Arrays.toString(bytes),
                    Arrays.toString(wholes),
                    Arrays.toString(reals),
                    List.of(letters.length, new String(letters)),
                    List.of(texts));
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Arrayed arrayed && elements().equals(arrayed.elements());
        }

        @Override
        public int hashCode() {
            return elements().hashCode();
        }
    }

    /** Lists, sets and maps. */
    public record Collected(
            List<BigDecimal> decimals,
            Set<DayOfWeek> days,
            Map<String, List<Shape>> shapes,
            Map<LocalDate, Duration> spent,
            Map<Character, Integer> counts,
            Map<Long, Optional<Instant>> seen) {}

    /** One of several records and constants. */
    public sealed interface Shape {}

    public record Circle(double r) implements Shape {}

    public record Nothing() implements Shape {}

    public record Group(List<Shape> shapes, String type) implements Shape {}

    public enum Standard implements Shape {
        UNIT,
        LARGE
    }

    /** A sealed type with a parameter. */
    public sealed interface Found<T> {}

    public record Some<T>(T value) implements Found<T> {}

    public record None<T>() implements Found<T> {}
}
