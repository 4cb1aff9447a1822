package dev.workerfarm.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.error.EncodeException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    record Point(int x, List<String> names) {}

    record Explosive(String text) {
        @Override
        public String text() {
            throw new AssertionError("boom");
        }
    }

    @Test
    void givesEveryValueBack() {
        var values = new JsonValues();
        for (int i = 0; i < 2_000; i++) {
            var value = values.value();
            var json = Json.text(value);
            assertThat(Json.read(json)).as("%s, value %d", values, i).isEqualTo(value);
            assertThat(json)
                    .as("%s, value %d", values, i)
                    .matches("\\p{ASCII}*")
                    .doesNotContain("\n");
        }
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            1, java.lang.Long
            1.0, java.lang.Double
            1e0, java.lang.Double
            -0, java.lang.Long
            -0.0, java.lang.Double
            9223372036854775807, java.lang.Long
            9223372036854775808, java.math.BigInteger
            -9223372036854775808, java.lang.Long
            -9223372036854775809, java.math.BigInteger
            NaN, java.lang.Double
            -Infinity, java.lang.Double
            true, java.lang.Boolean
            """)
    void keepsTypesApart(String json, Class<?> type) {
        assertThat(Json.read(json)).isInstanceOf(type);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\ud83d", "\\ude00", "\\ude00\\ud83d", "\\ud83dx"})
    void readsHalfASurrogatePairInATextAndRefusesItInAName(String half) {
        assertThat(Json.text(Json.read("\"" + half + "\""))).isEqualToIgnoringCase("\"" + half + "\"");
        assertThatThrownBy(() -> Json.read("{\"" + half + "\":1}")).isInstanceOf(DecodeException.class);
    }

    @Test
    void takesTheLastOfTwoValuesOfOneNameAsPythonDoes() {
        assertThat(Json.read("{\"a\":1,\"a\":2}")).isEqualTo(Map.of("a", 2L));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-"})
    void writesAndReadsAsManyDigitsAsPythonAndNoMore(String sign) {
        var most = new BigInteger(sign + JsonValues.nines(Json.MAX_DIGITS));
        assertThat(Json.read(Json.write(most))).isEqualTo(most);
        var more = new BigInteger(sign + BigInteger.TEN.pow(Json.MAX_DIGITS));
        assertThatThrownBy(() -> Json.write(List.of(more)))
                .isInstanceOf(EncodeException.class)
                .hasMessage("cannot be written as JSON: an integer of more than 4300 digits");
        assertThatThrownBy(() -> Json.read(more.toString())).isInstanceOf(DecodeException.class);
    }

    @Test
    void refusesAnEnormousIntegerBeforeItMakesItsText() {
        var start = System.nanoTime();
        assertThatThrownBy(() -> Json.write(BigInteger.ONE.shiftLeft(200_000_000)))
                .isInstanceOf(EncodeException.class);
        assertThat(System.nanoTime() - start).isLessThan(1_000_000_000L);
    }

    @Test
    void boundsDecimalsAsItsReaderDoes() {
        assertThat(Json.read(Json.write(new BigDecimal("0.1")))).isEqualTo(0.1);
        var longest = new BigDecimal(JsonValues.nines(4_298), 10);
        assertThat(Json.read(Json.write(longest))).isEqualTo(longest);
        assertThatThrownBy(() -> Json.write(new BigDecimal(JsonValues.nines(4_301), 10)))
                .isInstanceOf(EncodeException.class)
                .hasMessageContaining("decimal");
    }

    @Test
    void writesAsDeepAsItReads() {
        var deepest = JsonValues.nested(Json.MAX_DEPTH);
        assertThat(Json.text(Json.read(Json.write(deepest)))).isEqualTo(Json.text(deepest));
        assertThatThrownBy(() -> Json.write(JsonValues.nested(Json.MAX_DEPTH + 1)))
                .isInstanceOf(EncodeException.class);
        var tooDeep = "[".repeat(Json.MAX_DEPTH + 1) + "]".repeat(Json.MAX_DEPTH + 1);
        assertThatThrownBy(() -> Json.read(tooDeep)).isInstanceOf(DecodeException.class);
    }

    @Test
    void readsTheLongNamesThatItWrites() {
        for (var name : List.of(
                "n".repeat(Json.MAX_NAME_BYTES),
                "é".repeat(Json.MAX_NAME_BYTES / 2),
                "\u20ac".repeat(Json.MAX_NAME_BYTES / 3),
                "😀".repeat(Json.MAX_NAME_BYTES / 4))) {
            var map = Map.of(name, 1L);
            assertThat(Json.read(Json.write(map))).isEqualTo(map);
            assertThatThrownBy(() -> Json.write(Map.of(name + "\u20ac", 1L)))
                    .isInstanceOf(EncodeException.class)
                    .hasMessageContaining("a name of more than 2048 bytes");
        }
        assertThatThrownBy(() -> Json.read("{\"" + "n".repeat(Json.MAX_NAME_BYTES + 20) + "\":1}"))
                .isInstanceOf(DecodeException.class);
    }

    @Test
    void readsManyNamesAndLongTexts() {
        var map = IntStream.range(0, 100_000).boxed().collect(Collectors.toMap(i -> "name" + i, i -> (long) i));
        assertThat(Json.read(Json.write(map))).isEqualTo(map);
        var text = "é".repeat(2_000_000);
        assertThat(Json.read(Json.write(text))).isEqualTo(text);
    }

    @Test
    void boundsWhatItWrites() {
        assertThatThrownBy(() -> Json.write("x".repeat(Json.MAX_BYTES)))
                .isInstanceOf(EncodeException.class)
                .hasMessageContaining("16777216");
        assertThat(Json.write("x".repeat(Json.MAX_BYTES - 2))).hasSize(Json.MAX_BYTES);
    }

    @Test
    void stopsWritingWhatNeverEnds() {
        Iterable<Long> endless = () -> LongStream.generate(() -> 7).iterator();
        assertThatThrownBy(() -> Json.write(endless))
                .isInstanceOf(EncodeException.class)
                .hasMessage("cannot be written as JSON: more than 16777216 bytes");
    }

    static List<Object> unencodable() {
        List<Object> itself = new ArrayList<>();
        itself.add(itself);
        return List.of(
                new Object(),
                Collections.singletonMap(null, 1),
                Map.of("a\ud83d", 1),
                Map.of("\ude00\ud83d", 1),
                new HashMap<>(Map.of("self", itself)),
                new Explosive("x"));
    }

    @ParameterizedTest
    @MethodSource("unencodable")
    void refusesWhatIsNoJsonValue(Object value) {
        assertThatThrownBy(() -> Json.write(List.of(value))).isInstanceOf(EncodeException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "[",
                "]",
                "[1",
                "[1,]",
                "{\"a\"}",
                "{1:2}",
                "'a'",
                "01",
                "+1",
                ".5",
                "1.",
                "0x1",
                "nul",
                "nan",
                "infinity",
                "[1] 2",
                "1 2",
                "// c\n1",
                "\"\n\"",
                "\"\\x\"",
                "\"\\ud8\"",
                "--1",
                "1e",
                "\u0000"
            })
    void refusesWhatIsNoJson(String text) {
        assertThatThrownBy(() -> Json.read(text)).isInstanceOf(DecodeException.class);
    }

    @Test
    void showsNothingOfThePayloadInItsComplaint() {
        assertThatThrownBy(() -> Json.read("{\"password\": \"secret\", }"))
                .isInstanceOf(DecodeException.class)
                .hasMessageNotContaining("secret");
    }

    @Test
    void refusesAHostileDepthOrNumberAtOnce() {
        var start = System.nanoTime();
        for (var hostile : List.of("[".repeat(10_000), "{\"a\":".repeat(10_000), "7".repeat(10_000_000))) {
            assertThatThrownBy(() -> Json.read(hostile)).isInstanceOf(DecodeException.class);
            assertThatThrownBy(() -> Json.read("[" + hostile + "]")).isInstanceOf(DecodeException.class);
        }
        assertThatThrownBy(() -> Json.read("0." + "7".repeat(10_000_000))).isInstanceOf(DecodeException.class);
        assertThat(System.nanoTime() - start).isLessThan(5_000_000_000L);
    }

    @Test
    void survivesBytesThatAreNoText() {
        var bytes = new byte[] {0, (byte) 0x80, (byte) 0xc0, (byte) 0xed, (byte) 0xf8, (byte) 0xfe, (byte) 0xff};
        Damage.replaceBytes("[\"ab\", {\"cd\": 1.5}]".getBytes(StandardCharsets.UTF_8), bytes, Json::read);
        for (var charset : List.of(StandardCharsets.UTF_16, StandardCharsets.UTF_16LE, StandardCharsets.ISO_8859_1)) {
            Damage.truncate("[\"äöü\"]".getBytes(charset), Json::read);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"x": "1", "names": []}
            {"x": 1.0, "names": []}
            {"x": 2147483648, "names": []}
            {"x": null, "names": []}
            {"x": true, "names": []}
            {"x": 1, "names": [1]}
            {"x": 1, "names": [1.5]}
            {"x": 1, "names": [true]}
            {"x": 1, "names": "a"}
            {"x": 1, "names": {}}
            {"x": 1, "names": [], "y": 2}
            []
            "text"
            7
            """)
    void bendsNothingIntoAnotherType(String json) {
        var value = Json.read(json);
        assertThatThrownBy(() -> Json.convert(value, Point.class)).isInstanceOf(DecodeException.class);
    }

    @Test
    void convertsWhatFits() {
        assertThat(Json.convert(Json.read("{\"x\": 1, \"names\": [\"a\"]}"), Point.class))
                .isEqualTo(new Point(1, List.of("a")));
        assertThat(Json.convert(1L, double.class)).isEqualTo(1.0);
    }
}
