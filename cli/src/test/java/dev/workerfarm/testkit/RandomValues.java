package dev.workerfarm.testkit;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Random {@link Values}. Its text is the seed, to be shown where a test fails; {@code -Dtest.seed=...} makes them again. */
public final class RandomValues {
    private static final List<String> ZONES =
            List.of("Europe/Berlin", "UTC", "Asia/Kathmandu", "Z", "UTC+01:00", "-18:00");
    private static final List<String> TEXTS = List.of(
            "", "\u0000", "\"\\/\n", "\u2028\ufeff", "\ud83d\udc1d", "\ud83d", "NaN", "null", "@type", "é", "1e400");
    private static final List<Double> REALS = List.of(
            Double.NaN,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            -0.0,
            0.5,
            1e22,
            1e-7,
            Double.MIN_VALUE,
            Double.MAX_VALUE);
    private static final List<String> DECIMALS = List.of(
            "0", "0.00", "19.90", "10.00", "1E+3", "1.0E-7", "0.0001", "1E+400", "-1E-400", "123.4567890123456789");
    private static final long FIRST_SECOND = Instant.MIN.getEpochSecond();
    private static final long LAST_SECOND = Instant.MAX.getEpochSecond();

    private final long seed;
    private final Random random;

    public RandomValues() {
        this.seed = Long.getLong("test.seed", System.nanoTime());
        this.random = new Random(seed);
    }

    public Values values() {
        return new Values(
                plain(),
                times(),
                optionals(),
                arrayed(),
                collected(),
                shape(2),
                random.nextBoolean() ? new Values.Some<>(map(this::name, this::decimal)) : new Values.None<>(),
                any(3));
    }

    private Values.Plain plain() {
        return new Values.Plain(
                random.nextBoolean(),
                (byte) random.nextInt(),
                (short) random.nextInt(),
                random.nextInt(),
                wide(),
                Float.intBitsToFloat(random.nextInt()),
                real(),
                (char) random.nextInt(Character.MAX_VALUE + 1),
                orNull(this::wide),
                orNull(() -> 'x'),
                integer(),
                decimal(),
                number(),
                text(),
                DayOfWeek.of(1 + random.nextInt(7)),
                new UUID(random.nextLong(), random.nextLong()));
    }

    private Values.Times times() {
        return new Values.Times(
                instant(),
                date(),
                time(),
                LocalDateTime.of(date(), time()),
                OffsetDateTime.of(date(), time(), offset()),
                OffsetTime.of(time(), offset()),
                zoned(),
                duration(),
                Period.of(random.nextInt(), random.nextInt(), random.nextInt()),
                year(),
                YearMonth.of(year().getValue(), 1 + random.nextInt(12)),
                MonthDay.of(2, 1 + random.nextInt(29)),
                zone(),
                offset());
    }

    private Values.Optionals optionals() {
        return new Values.Optionals(
                optional(this::text),
                optional(() -> list(this::decimal)),
                random.nextBoolean() ? OptionalInt.of(random.nextInt()) : OptionalInt.empty(),
                random.nextBoolean() ? OptionalLong.of(wide()) : OptionalLong.empty(),
                random.nextBoolean() ? OptionalDouble.of(real()) : OptionalDouble.empty());
    }

    private Values.Arrayed arrayed() {
        var bytes = new byte[random.nextInt(20)];
        random.nextBytes(bytes);
        return new Values.Arrayed(
                bytes,
                list(this::wide).stream().mapToLong(Long::longValue).toArray(),
                list(this::real).stream().mapToDouble(Double::doubleValue).toArray(),
                text().toCharArray(),
                list(this::text).toArray(new String[0]));
    }

    private Values.Collected collected() {
        return new Values.Collected(
                list(this::decimal),
                random.nextBoolean() ? Set.of() : Set.of(DayOfWeek.MONDAY, DayOfWeek.FRIDAY),
                map(this::name, () -> list(() -> shape(1))),
                map(this::date, this::duration),
                map(() -> (char) ('!' + random.nextInt(500)), random::nextInt),
                map(this::wide, () -> optional(this::instant)));
    }

    private Values.Shape shape(int depth) {
        return switch (random.nextInt(depth > 0 ? 5 : 4)) {
            case 0 -> new Values.Circle(real());
            case 1 -> new Values.Nothing();
            case 2 -> Values.Standard.UNIT;
            case 3 -> Values.Standard.LARGE;
            default -> new Values.Group(list(() -> shape(depth - 1)), text());
        };
    }

    /** A JSON value, a number of the class that its text is read as. */
    public @Nullable Object any() {
        return any(3);
    }

    private @Nullable Object any(int depth) {
        return switch (random.nextInt(depth > 0 ? 7 : 5)) {
            case 0 -> null;
            case 1 -> random.nextBoolean();
            case 2, 3 -> number();
            case 4 -> text();
            case 5 -> {
                List<@Nullable Object> list = new ArrayList<>();
                Stream.generate(() -> any(depth - 1)).limit(random.nextInt(4)).forEach(list::add);
                yield list;
            }
            default -> {
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                Stream.generate(this::name).limit(random.nextInt(4)).forEach(name -> map.put(name, any(depth - 1)));
                yield map;
            }
        };
    }

    private Number number() {
        return switch (random.nextInt(4)) {
            case 0 -> wide();
            case 1 -> real();
            case 2 -> integer().abs().setBit(70);
            default -> decimal().add(new BigDecimal("0.10000000000000000000000000000000000000010"));
        };
    }

    public long wide() {
        return pick(List.of(random.nextLong(), random.nextInt(9) - 4L, Long.MIN_VALUE, Long.MAX_VALUE, (1L << 53) + 1));
    }

    public double real() {
        return switch (random.nextInt(3)) {
            case 0 -> pick(REALS);
            case 1 -> random.nextInt(2_000) / 100.0;
            default -> Double.longBitsToDouble(random.nextLong());
        };
    }

    private BigInteger integer() {
        return new BigInteger(1 + random.nextInt(300), random).subtract(BigInteger.ONE.shiftLeft(random.nextInt(300)));
    }

    private BigDecimal decimal() {
        return random.nextInt(3) == 0
                ? new BigDecimal(pick(DECIMALS))
                : new BigDecimal(new BigInteger(1 + random.nextInt(140), random), random.nextInt(60) - 30);
    }

    private String text() {
        return random.nextInt(3) == 0 ? pick(TEXTS) : pick(TEXTS) + Character.toString(random.nextInt(0x110000));
    }

    /** A text without half a surrogate pair, which no name may have. */
    private String name() {
        return new String(text().getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    private Instant instant() {
        return Instant.ofEpochSecond(between(FIRST_SECOND, LAST_SECOND), random.nextInt(1_000_000_000));
    }

    private LocalDate date() {
        return LocalDate.ofEpochDay(between(LocalDate.MIN.toEpochDay(), LocalDate.MAX.toEpochDay()));
    }

    private LocalTime time() {
        return pick(
                List.of(LocalTime.of(random.nextInt(24), 0), LocalTime.ofNanoOfDay(random.nextInt() & 0xffff_ffffL)));
    }

    private ZonedDateTime zoned() {
        // Around the hours in which summer time ends, which come twice.
        return Instant.parse("2026-10-24T23:00:00Z")
                .plusSeconds(random.nextInt(10_000))
                .atZone(zone());
    }

    private ZoneId zone() {
        return ZoneId.of(pick(ZONES));
    }

    private ZoneOffset offset() {
        return ZoneOffset.ofTotalSeconds(random.nextInt(36 * 3600 + 1) - 18 * 3600);
    }

    private Duration duration() {
        return Duration.ofSeconds(random.nextLong(), random.nextInt(1_000_000_000) % 2 == 0 ? 0 : 1);
    }

    private Year year() {
        return Year.of(pick(List.of(2026, 5, -44, 0, Year.MIN_VALUE, Year.MAX_VALUE)));
    }

    private <T> Optional<T> optional(Supplier<T> value) {
        return random.nextBoolean() ? Optional.of(value.get()) : Optional.empty();
    }

    private <T> @Nullable T orNull(Supplier<T> value) {
        return random.nextBoolean() ? value.get() : null;
    }

    private <T> List<T> list(Supplier<T> element) {
        return Stream.generate(element).limit(random.nextInt(4)).toList();
    }

    private <K, V> Map<K, V> map(Supplier<K> key, Supplier<V> value) {
        Map<K, V> map = new LinkedHashMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            map.put(key.get(), value.get());
        }
        return map;
    }

    private long between(long least, long most) {
        return least + Math.floorMod(random.nextLong(), most - least + 1);
    }

    private <T> T pick(List<T> all) {
        return Objects.requireNonNull(all.get(random.nextInt(all.size())));
    }

    @Override
    public String toString() {
        return "-Dtest.seed=" + seed;
    }
}
