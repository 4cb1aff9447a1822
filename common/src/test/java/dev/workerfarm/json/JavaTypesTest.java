package dev.workerfarm.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.error.EncodeException;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
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
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values of Java's classes, written and read as their class says. */
class JavaTypesTest {
    sealed interface Shape {}

    record Circle(double r) implements Shape {}

    record Nothing() implements Shape {}

    sealed interface Polygon extends Shape {}

    record Square(double side, String type) implements Polygon {}

    record Group(List<Shape> shapes, Map<String, Shape> byName) implements Polygon {}

    enum Standard implements Shape {
        UNIT,
        LARGE {
            @Override
            public String toString() {
                return "large";
            }
        }
    }

    sealed interface Found<T> {}

    record Some<T>(T value) implements Found<T> {}

    record None<T>() implements Found<T> {}

    record Holder(Shape shape, Found<BigDecimal> found, Optional<List<Shape>> shapes) {}

    sealed interface Open permits Door {}

    static non-sealed class Door implements Open {}

    static final class Gate extends Door {}

    sealed interface Twins permits Left.Same, Right.Same {}

    static final class Left {
        record Same() implements Twins {}
    }

    static final class Right {
        record Same() implements Twins {}
    }

    @SuppressWarnings("ArrayRecordComponent") // a user may have one
    record Numbers(BigDecimal exact, double nearest, float small, double[] list, Object any) {}

    @SuppressWarnings("ArrayRecordComponent") // a user may have one
    record Letters(char letter, Character boxed, char[] text, Map<Character, Integer> counts) {}

    record Times(LocalDate day, Map<LocalDate, Duration> spent, List<ZonedDateTime> at) {}

    record Optionals(
            Optional<String> text,
            OptionalInt whole,
            OptionalLong wide,
            OptionalDouble fraction,
            Optional<Instant> at) {}

    private static @Nullable Object again(@Nullable Object value, Type type) {
        return Json.convert(Json.read(Json.write(value)), type);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "0.0",
                "0.00",
                "5",
                "-1.50",
                "10.00",
                "19.90",
                "0.0001",
                "1E-7",
                "1.0E-7",
                "-1.0E-7",
                "1.00E-7",
                "1.5E-7",
                "1E+3",
                "1.0E+3",
                "10000000.0",
                "1E+22",
                "1.0E+22",
                "1E+400",
                "1E-400",
                "1.0E-400",
                "123.4567890123456789",
                "1234567890123456789012345678901234567890.1",
                "5.684341886080802E-14",
                "5.6843418860808015E-14",
                "4.9E-324",
                "5E-324",
                "1.7976931348623157E+308",
                "1.7976931348623157E+309"
            })
    void aDecimalIsTheSameAgainToItsLastZero(String text) {
        var decimal = new BigDecimal(text);
        assertThat(again(decimal, BigDecimal.class)).isEqualTo(decimal);
        // Read and written on its way, as by a retry.
        assertThat(again(Json.read(Json.write(decimal)), BigDecimal.class)).isEqualTo(decimal);
    }

    @Test
    void anyDecimalIsTheSameAgainAndAnyDouble() {
        var values = new JsonValues();
        var random = new Random(values.below(Integer.MAX_VALUE));
        for (int i = 0; i < 3_000; i++) {
            var unscaled = random.nextBoolean()
                    ? BigInteger.valueOf(random.nextInt(2_000) - 1_000)
                    : new BigInteger(1 + random.nextInt(130), random).negate();
            var decimal = new BigDecimal(unscaled, random.nextInt(80) - 40);
            assertThat(again(decimal, BigDecimal.class)).as("%s", values).isEqualTo(decimal);
            assertThat(again(Json.read(Json.write(decimal)), BigDecimal.class))
                    .as("%s", values)
                    .isEqualTo(decimal);
            var real = Double.longBitsToDouble(random.nextLong());
            assertThat(Json.read(Json.write(real))).as("%s", values).isEqualTo(real);
            assertThat(Json.read(Double.toString(random.nextInt(100_000) / 1_000.0)))
                    .as("%s", values)
                    .isInstanceOf(Double.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.5",
                "1.0",
                "-0.0",
                "-0.00",
                "0.0001",
                "1e-05",
                "1e0",
                "1e+22",
                "1e22",
                "1E3",
                "1.5E10",
                "1.50e3",
                "10000000.0",
                "12345678.5",
                "1e16",
                "1.7976931348623157e+308",
                "2.2250738585072014e-308"
            })
    void aTextThatADoublePrintsAsInAnyLanguageIsADouble(String text) {
        assertThat(Json.read(text)).isEqualTo(Double.valueOf(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1e400",
                "-1e400",
                "1e-400",
                "123.4567890123456789",
                "0.10",
                "0.1000000000000000055511151231257827"
            })
    void aTextThatNoDoubleHoldsIsADecimal(String text) {
        assertThat(Json.read(text)).isEqualTo(new BigDecimal(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e999999999", "1e-999999999", "1e99999999999", "0e99999999999", "1e1000001"})
    void anExponentThatWouldFillTheHeapIsRefused(String text) {
        assertThatThrownBy(() -> Json.read(text)).isInstanceOf(DecodeException.class);
        assertThatThrownBy(() -> Json.write(List.of(new BigDecimal("1e1000001"))))
                .isInstanceOf(EncodeException.class)
                .hasMessageContaining("exponent beyond 1000000");
    }

    @Test
    void aDecimalOfMoreDigitsThanAnIntegerMayHaveIsRefused() {
        assertThatThrownBy(() -> Json.read("[0." + "7".repeat(Json.MAX_DIGITS) + "]"))
                .isInstanceOf(DecodeException.class);
    }

    @Test
    void numbersAreAsTheirTypeAsks() {
        var exact = new BigDecimal("123.4567890123456789");
        var numbers = new Numbers(exact, 0.1, 0.1f, new double[] {1, 0.1, Double.NaN, Double.NEGATIVE_INFINITY}, exact);
        assertThat(again(numbers, Numbers.class))
                .usingRecursiveComparison()
                .withEqualsForType(Double::equals, Double.class)
                .isEqualTo(numbers);
        assertThat(Json.convert(Json.read("123.4567890123456789"), double.class))
                .isEqualTo(123.45678901234568);
    }

    @ParameterizedTest
    @CsvSource({
        "1e400, double, 1E+400 does not fit double",
        "-1e400, java.lang.Double, -1E+400 does not fit double",
        "1e39, float, 1.0E39 does not fit float",
        "NaN, java.math.BigDecimal, NaN does not fit BigDecimal",
        "1e400, long, ''",
        "1E+3, java.math.BigInteger, ''"
    })
    void aNumberThatDoesNotFitIsRefused(String json, String type, String message) throws Exception {
        var wanted = switch (type) {
            case "double" -> double.class;
            case "float" -> float.class;
            case "long" -> long.class;
            default -> Class.forName(type);
        };
        assertThatThrownBy(() -> Json.convert(Json.read(json), wanted))
                .isInstanceOf(DecodeException.class)
                .hasMessageContaining(message);
        assertThatThrownBy(() -> Json.convert(Collections.singletonList(Json.read(json)), wanted.arrayType()))
                .isInstanceOf(DecodeException.class);
    }

    static List<Object> times() {
        return List.of(
                Duration.ofSeconds(-1, 1),
                Duration.ofSeconds(Long.MAX_VALUE, 999_999_999),
                Instant.EPOCH,
                Instant.MAX,
                Instant.parse("2026-01-02T03:04:05.123456789Z"),
                LocalDate.MIN,
                LocalDate.of(2026, 2, 28),
                LocalDateTime.of(2026, 1, 2, 3, 0),
                LocalDateTime.MAX,
                LocalTime.MIDNIGHT,
                LocalTime.MAX,
                MonthDay.of(2, 29),
                OffsetDateTime.of(2026, 1, 2, 3, 4, 5, 6, ZoneOffset.ofHoursMinutes(5, 30)),
                OffsetTime.of(1, 2, 3, 4, ZoneOffset.MIN),
                Period.of(-1, 13, 400),
                Year.of(5),
                Year.of(-44),
                Year.of(Year.MAX_VALUE),
                YearMonth.of(5, 1),
                YearMonth.of(Year.MAX_VALUE, 1),
                YearMonth.of(Year.MIN_VALUE, 1),
                ZoneId.of("Europe/Berlin"),
                ZoneId.of("UTC"),
                ZoneOffset.UTC,
                // both hours of the night in which summer time ends
                ZonedDateTime.ofInstant(Instant.parse("2026-10-25T00:30:00Z"), ZoneId.of("Europe/Berlin")),
                ZonedDateTime.ofInstant(Instant.parse("2026-10-25T01:30:00Z"), ZoneId.of("Europe/Berlin")),
                ZonedDateTime.of(2026, 1, 1, 0, 0, 0, 0, ZoneId.of("UTC")));
    }

    @ParameterizedTest
    @MethodSource("times")
    void aTimeIsItsIsoTextAndTheSameAgain(Object time) {
        assertThat(Json.read(Json.write(time))).isEqualTo(time.toString());
        var type = time instanceof ZoneId ? ZoneId.class : time.getClass();
        assertThat(again(time, type)).isEqualTo(time);
    }

    @ParameterizedTest
    @CsvSource({
        "java.time.LocalDate, 2026-02-30",
        "java.time.LocalDate, 2026-01-02T03:04:05Z",
        "java.time.LocalDateTime, 2026-01-02T03:04:05Z",
        "java.time.Instant, 2026-01-02T03:04:05",
        "java.time.Instant, ''",
        "java.time.Duration, 5",
        "java.time.Year, 2e3",
        "java.time.ZoneId, Europe/Nowhere",
        "java.time.ZoneOffset, Europe/Berlin"
    })
    void aTextThatIsNotExactlySuchATimeIsRefused(String type, String text) throws Exception {
        var wanted = Class.forName(type);
        assertThatThrownBy(() -> Json.convert(text, wanted)).isInstanceOf(DecodeException.class);
        assertThatThrownBy(() -> Json.convert(1_700_000_000L, wanted)).isInstanceOf(DecodeException.class);
        assertThatThrownBy(() -> Json.convert(List.of(2026L, 1L, 2L), wanted)).isInstanceOf(DecodeException.class);
    }

    @Test
    void timesNestAndAreNamesOfMaps() {
        var times = new Times(
                LocalDate.EPOCH,
                Map.of(LocalDate.MAX, Duration.ZERO),
                List.of(ZonedDateTime.of(2026, 1, 1, 0, 0, 0, 0, ZoneId.of("Asia/Tokyo"))));
        assertThat(again(times, Times.class)).isEqualTo(times);
        assertThatThrownBy(() -> Json.convert(
                        Map.of("day", "1970-01-01", "spent", Map.of("x", "PT0S"), "at", List.of()), Times.class))
                .isInstanceOf(DecodeException.class);
    }

    static Stream<Object> noNames() {
        return Stream.of(new Circle(1), List.of(1), Map.of(), Optional.of("a"), new int[0]);
    }

    @ParameterizedTest
    @MethodSource("noNames")
    void aMapsNameThatNobodyCouldReadIsRefused(Object name) {
        assertThatThrownBy(() -> Json.write(List.of(Map.of(name, 1))))
                .isInstanceOf(EncodeException.class)
                .hasMessageContaining(name.getClass().getName())
                .hasMessageContaining("take a text, a number, an enum or a time");
    }

    @Test
    void aMapsNameThatIsNullIsRefused() {
        assertThatThrownBy(() -> Json.write(Collections.singletonMap(null, 1)))
                .hasMessageContaining("a map's name that is null");
    }

    @Test
    void aPathStaysRelative() {
        for (var path : List.of(Path.of("a b/ä"), Path.of("/tmp/x"), Path.of(""))) {
            assertThat(again(path, Path.class)).isEqualTo(path);
        }
    }

    @Test
    void aTimeOfACeleryClientIsUnderstoodInItsOldFormAndItsNew() {
        assertThat(Json.convert("2026-01-02T00:00:00", LocalDate.class)).isEqualTo(LocalDate.of(2026, 1, 2));
        assertThat(Json.convert("2026-01-02T03:04:05Z", OffsetDateTime.class))
                .isEqualTo(OffsetDateTime.of(2026, 1, 2, 3, 4, 5, 0, ZoneOffset.UTC));
        var wrapped = Json.read("{\"__type__\": \"datetime\", \"__value__\": \"2026-01-02T03:04:05.000006+00:00\"}");
        assertThat(Json.convert(wrapped, OffsetDateTime.class))
                .isEqualTo(OffsetDateTime.of(2026, 1, 2, 3, 4, 5, 6_000, ZoneOffset.UTC));
        assertThat(Json.convert(wrapped, Instant.class)).isEqualTo(Instant.parse("2026-01-02T03:04:05.000006Z"));
        assertThatThrownBy(() -> Json.convert(Map.of("a", 1), Instant.class)).isInstanceOf(DecodeException.class);
    }

    @Test
    void optionalsAreTheirValueOrNull() {
        var full = new Optionals(
                Optional.of("a"),
                OptionalInt.of(1),
                OptionalLong.of(2),
                OptionalDouble.of(0.5),
                Optional.of(Instant.EPOCH));
        var empty = new Optionals(
                Optional.empty(), OptionalInt.empty(), OptionalLong.empty(), OptionalDouble.empty(), Optional.empty());
        assertThat(again(full, Optionals.class)).isEqualTo(full);
        assertThat(again(empty, Optionals.class)).isEqualTo(empty);
        assertThat(Json.text(full))
                .isEqualTo("{\"text\":\"a\",\"whole\":1,\"wide\":2,\"fraction\":0.5,\"at\":\"1970-01-01T00:00:00Z\"}");
        assertThat(Json.convert(Map.of(), Optionals.class)).isEqualTo(empty);
        assertThatThrownBy(() -> Json.convert(Map.of("text", 1L), Optionals.class))
                .isInstanceOf(DecodeException.class);
        assertThatThrownBy(() -> Json.convert(Map.of("whole", "1"), Optionals.class))
                .isInstanceOf(DecodeException.class);
    }

    @Test
    void lettersAreTextsOfOneCharacter() {
        var letters = new Letters('é', '\0', new char[] {'a', '\ud83d'}, Map.of('x', 1, '"', 2));
        assertThat(again(letters, Letters.class)).usingRecursiveComparison().isEqualTo(letters);
        for (var wrong : List.<Object>of("", "ab", 65L, true, List.of())) {
            assertThatThrownBy(() -> Json.convert(wrong, char.class))
                    .as("%s", wrong)
                    .isInstanceOf(DecodeException.class);
            assertThatThrownBy(() -> Json.convert(wrong, Character.class))
                    .as("%s", wrong)
                    .isInstanceOf(DecodeException.class);
        }
        assertThatThrownBy(() -> Json.write(Map.of('\ud83d', 1))).isInstanceOf(EncodeException.class);
    }

    static List<Shape> shapes() {
        return List.of(
                new Circle(1.5),
                new Nothing(),
                new Square(2, "a component of that name"),
                new Group(List.of(new Circle(1), Standard.LARGE), Map.of("n", new Nothing())),
                Standard.UNIT,
                Standard.LARGE);
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void aPermittedClassOfASealedTypeIsReadAsItself(Shape shape) {
        assertThat(again(shape, Shape.class)).isEqualTo(shape);
        assertThat(again(shape, shape instanceof Standard ? Standard.class : shape.getClass()))
                .isEqualTo(shape);
        var holder = new Holder(shape, new Some<>(new BigDecimal("1.10")), Optional.of(List.of(shape)));
        assertThat(again(holder, Holder.class)).isEqualTo(holder);
        assertThat(again(Json.read(Json.write(List.of(holder))), Object.class)).isInstanceOf(List.class);
    }

    @Test
    void anObjectSaysWhichClassOfASealedTypeItIsAnywhereInIt() {
        assertThat(Json.text(List.of(new Circle(1)))).isEqualTo("[{\"@type\":\"Circle\",\"r\":1.0}]");
        assertThat(Json.convert(Json.read("{\"r\": 2.5, \"@type\": \"Circle\"}"), Shape.class))
                .isEqualTo(new Circle(2.5));
        var none = new Holder(new Nothing(), new None<>(), Optional.empty());
        assertThat(again(none, Holder.class)).isEqualTo(none);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"r\": 1}",
                "{\"@type\": \"Shape\", \"r\": 1}",
                "{\"@type\": \"java.lang.String\"}",
                "{\"@type\": \"dev.workerfarm.json.JavaTypesTest$Circle\", \"r\": 1}",
                "{\"@type\": \"Polygon\"}",
                "{\"@type\": \"Standard\"}",
                "{\"@type\": null, \"r\": 1}",
                "{\"@type\": {\"a\": 1}, \"r\": 1}",
                "{\"@type\": \"Circle\", \"r\": \"1\"}",
                "{\"@type\": \"Circle\", \"r\": 1, \"x\": 1}",
                "[\"Circle\", {\"r\": 1}]",
                "\"HUGE\"",
                "1"
            })
    void whatNamesNoPermittedClassIsRefused(String json) {
        assertThatThrownBy(() -> Json.convert(Json.read(json), Shape.class)).isInstanceOf(DecodeException.class);
    }

    @Test
    void aRefusalNamesThePermittedClasses() {
        assertThatThrownBy(() -> Json.convert(Json.read("{\"@type\": \"Oval\"}"), Shape.class))
                .hasMessage("\"@type\" of Shape is one of [Circle, Group, Nothing, Square, Standard], not 'Oval'");
    }

    @Test
    void classesThatASealedTypeCannotTellApartAreRefused() {
        assertThatThrownBy(() -> Json.write(new Gate()))
                .isInstanceOf(EncodeException.class)
                .hasMessageContaining("a class below a non-sealed one cannot travel");
        assertThatThrownBy(() -> Json.write(new Left.Same()))
                .isInstanceOf(EncodeException.class)
                .hasMessageContaining("two classes of the name Same");
        assertThatThrownBy(() -> Json.convert(Map.of("@type", "Same"), Twins.class))
                .isInstanceOf(DecodeException.class)
                .hasMessageContaining("two classes of the name Same");
    }

    interface Anything {}

    record Vague(Anything any) {}

    record Empty() {}

    static final class Stranger {}

    @Test
    void aClassThatCannotTravelIsNamedAndWhatCanIsSaid() {
        assertThatThrownBy(() -> Json.convert(Map.of("any", Map.of()), Vague.class))
                .isInstanceOfSatisfying(
                        DecodeException.class,
                        refused -> assertThat(Json.place(refused)).isEqualTo(".any"))
                .hasMessageStartingWith(
                        Anything.class.getName() + " is no class of values that can travel: take a record");
        assertThatThrownBy(() -> Json.write(Map.of("a", List.of(1, new Stranger()))))
                .isInstanceOfSatisfying(
                        EncodeException.class,
                        refused -> assertThat(Json.place(refused)).isEqualTo(".a[1]"))
                .hasMessageContaining(
                        Stranger.class.getName() + " is no class of values that can travel: take a record");
        assertThat(again(new Empty(), Empty.class)).isEqualTo(new Empty());
    }
}
