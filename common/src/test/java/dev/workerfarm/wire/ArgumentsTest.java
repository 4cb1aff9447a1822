package dev.workerfarm.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.json.DecodeException;
import dev.workerfarm.json.Json;
import dev.workerfarm.json.JsonValues;
import dev.workerfarm.task.RawArguments;
import dev.workerfarm.task.TaskType;
import dev.workerfarm.task.TaskType.ResultType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArgumentsTest {
    record Two(long n, String text) {}

    record Optional(
            String name, @Nullable Number size, @Nullable List<String> tags) {}

    record Everything(
            @Nullable Number number,
            @Nullable String text,
            @Nullable Long whole,
            @Nullable Integer small,
            @Nullable Double fraction,
            @Nullable Boolean flag,
            @Nullable List<Long> list,
            @Nullable List<String> texts,
            @Nullable Map<String, Object> map,
            @Nullable BigInteger large,
            @Nullable Two record,
            @Nullable Object any) {}

    record Checked(int n) {
        Checked {
            if (n == 0) {
                throw new IllegalArgumentException("n must not be 0");
            }
            if (n < 0) {
                throw new StackOverflowError();
            }
        }
    }

    @SuppressWarnings("NullablePrimitive") // that is the mistake
    record Contradiction(@Nullable int n) {}

    record None() {}

    private static final TaskType<Two, Object> TWO = TaskType.of("two", Two.class, Object.class);
    private static final TaskType<Optional, Object> OPTIONAL = TaskType.of("optional", Optional.class, Object.class);
    private static final TaskType<Everything, Object> EVERYTHING =
            TaskType.of("everything", Everything.class, Object.class);

    @SuppressWarnings("unchecked") // JSON
    private static <A> A bind(TaskType<A, ?> type, String args, String kwargs) {
        return Arguments.bind(
                type, (List<Object>) Objects.requireNonNull(Json.read(args.replace('\'', '"'))), (Map<String, Object>)
                        Objects.requireNonNull(Json.read(kwargs.replace('\'', '"'))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            [1, 'a'] | {}
            [1]      | {'text': 'a'}
            []       | {'n': 1, 'text': 'a'}
            []       | {'text': 'a', 'n': 1}
            """)
    void bindsByOrderAndByName(String args, String kwargs) {
        assertThat(bind(TWO, args, kwargs)).isEqualTo(new Two(1, "a"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            []            | {}                    | two() missing required argument 'n'
            [1]           | {}                    | two() missing required argument 'text'
            []            | {'text': 'a'}         | two() missing required argument 'n'
            [1, 'a', 2]   | {}                    | two() takes 2 arguments but 3 were given
            [1, 'a']      | {'n': 1}              | two() got multiple values for argument 'n'
            [1, 'a']      | {'text': 'a'}         | two() got multiple values for argument 'text'
            [1, 'a']      | {'x': 1}              | two() got an unexpected keyword argument 'x'
            [null, 'a']   | {}                    | two() argument 'n' must be long, not null
            [1, null]     | {}                    | two() argument 'text' must be a string, not null
            [1.0, 'a']    | {}                    | two() argument 'n' must be long, not the number 1.0
            [NaN, 'a']    | {}                    | two() argument 'n' must be long, not the number NaN
            ['12', 'a']   | {}                    | two() argument 'n' must be long, not the string "12"
            ['', 'a']     | {}                    | two() argument 'n' must be long, not the string ""
            [true, 'a']   | {}                    | two() argument 'n' must be long, not true
            [[1], 'a']    | {}                    | two() argument 'n' must be long, not a list
            [{}, 'a']     | {}                    | two() argument 'n' must be long, not an object
            [9223372036854775808, 'a'] | {}       | two() argument 'n' must be long, not a whole number
            [1, 2]        | {}                    | two() argument 'text' must be a string, not a whole number
            [1, ['a']]    | {}                    | two() argument 'text' must be a string, not a list
            """)
    void complainsAsPythonDoes(String args, String kwargs, String message) {
        assertThatThrownBy(() -> bind(TWO, args, kwargs))
                .isInstanceOf(WrongArgumentsException.class)
                .hasMessage(message);
    }

    record Java(
            BigDecimal exact,
            char letter,
            java.util.Optional<String> text,
            OptionalInt whole,
            LocalDate day,
            List<Two> pairs) {}

    private static final TaskType<Java, Object> JAVA = TaskType.of("java", Java.class, Object.class);

    @Test
    void bindsClassesOfJava() {
        assertThat(bind(JAVA, "[19.90, 'x', null, 3, '2026-01-02', [{'n': 1, 'text': 'a'}]]", "{}"))
                .isEqualTo(new Java(
                        new BigDecimal("19.90"),
                        'x',
                        java.util.Optional.empty(),
                        OptionalInt.of(3),
                        LocalDate.of(2026, 1, 2),
                        List.of(new Two(1, "a"))));
        assertThat(bind(JAVA, "[0.5]", "{'letter': 'x', 'day': '2026-01-02', 'pairs': []}"))
                .isEqualTo(new Java(
                        new BigDecimal("0.5"),
                        'x',
                        java.util.Optional.empty(),
                        OptionalInt.empty(),
                        LocalDate.of(2026, 1, 2),
                        List.of()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {'exact': '1.5'}                  | argument 'exact' must be BigDecimal, not the string "1.5"
            {'exact': NaN}                    | argument 'exact' must be BigDecimal, not the number NaN
            {'letter': 65}                    | argument 'letter' must be char, not a whole number
            {'letter': 'ab'}                  | argument 'letter' must be char, not the string "ab"
            {'day': 1e400}                    | argument 'day' must be LocalDate, not the number 1E+400
            {'day': '2026-02-30'}             | argument 'day' must be LocalDate, not the string "2026-02-30"
            {'pairs': [{'n': 1, 'text': 'a'}, {'n': 1.50, 'text': 'b'}]} | java() argument 'pairs', at [1].n: Cannot coerce
            """)
    void namesTheArgumentAndThePlaceInIt(String given, String message) {
        var kwargs = "{'exact': 1, 'letter': 'x', 'day': '2026-01-02', 'pairs': []}";
        @SuppressWarnings("unchecked") // JSON
        var all = new HashMap<>((Map<String, Object>) Objects.requireNonNull(Json.read(kwargs.replace('\'', '"'))));
        @SuppressWarnings("unchecked") // JSON
        var wrong = (Map<String, Object>) Objects.requireNonNull(Json.read(given.replace('\'', '"')));
        all.putAll(wrong);
        assertThatThrownBy(() -> Arguments.bind(JAVA, List.of(), all))
                .isInstanceOf(WrongArgumentsException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aResultOfAParameterisedTypeIsOfThatType() {
        var type = TaskType.of("t", None.class, new ResultType<Map<String, List<Two>>>() {});
        assertThat(Arguments.result(type, Map.of("k", List.of(Map.of("n", 1L, "text", "a")))))
                .isEqualTo(Map.of("k", List.of(new Two(1, "a"))));
        var optional = TaskType.of("t", None.class, new ResultType<java.util.Optional<Two>>() {});
        assertThat(Arguments.result(optional, null)).isEmpty();
        assertThatThrownBy(() -> Arguments.result(type, Map.of("k", List.of(1L))))
                .isInstanceOf(DecodeException.class)
                .hasMessageStartingWith("the result of t() is no java.util.Map<java.lang.String, java.util.List<"
                        + Two.class.getName() + ">>: ");
    }

    @Test
    void countsAsPeopleDo() {
        assertThatThrownBy(() -> bind(TaskType.of("none", None.class, Object.class), "[1]", "{}"))
                .hasMessage("none() takes 0 arguments but 1 was given");
        assertThatThrownBy(() -> bind(TaskType.of("one", Checked.class, Object.class), "[1, 2]", "{}"))
                .hasMessage("one() takes 1 argument but 2 were given");
        assertThat(bind(TaskType.of("none", None.class, Object.class), "[]", "{}"))
                .isEqualTo(new None());
    }

    @Test
    void quotesOnlyTheBeginningOfALongText() {
        assertThatThrownBy(() -> Arguments.bind(TWO, List.of("9".repeat(100_000), "a"), Map.of()))
                .isInstanceOf(WrongArgumentsException.class)
                .hasMessage("two() argument 'n' must be long, not the string \"" + "9".repeat(40) + "\"...");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {'number': '1'}
            {'number': true}
            {'number': [1]}
            {'text': 1}
            {'text': true}
            {'text': {}}
            {'whole': 1.0}
            {'whole': 'x'}
            {'small': 2147483648}
            {'small': 1e0}
            {'fraction': '1.5'}
            {'fraction': 'NaN'}
            {'fraction': true}
            {'flag': 1}
            {'flag': 'true'}
            {'list': 1}
            {'list': 'abc'}
            {'list': ''}
            {'list': {}}
            {'list': ['1']}
            {'list': [1.5]}
            {'texts': [1]}
            {'texts': [true]}
            {'texts': [1.5]}
            {'texts': [['a']]}
            {'map': []}
            {'map': 'x'}
            {'large': 1.5}
            {'large': '1'}
            {'record': [1, 'a']}
            {'record': {'n': '1', 'text': 'a'}}
            {'record': {'n': 1, 'text': 2}}
            {'record': {'n': 1, 'text': 'a', 'x': 0}}
            """)
    void bendsNothingIntoAnotherType(String kwargs) {
        assertThatThrownBy(() -> bind(EVERYTHING, "[]", kwargs)).isInstanceOf(WrongArgumentsException.class);
    }

    @Test
    void bindsEachTypeOfJson() {
        assertThat(bind(EVERYTHING, "[]", "{}"))
                .isEqualTo(new Everything(null, null, null, null, null, null, null, null, null, null, null, null));
        var given = bind(
                EVERYTHING,
                "[1.5, 'é', -1, 2, 3, true, [1], ['a'], {'k': [null]}, 4, {'n': 1, 'text': 'a'}, NaN]",
                "{}");
        assertThat(given)
                .isEqualTo(new Everything(
                        1.5,
                        "é",
                        -1L,
                        2,
                        3.0,
                        true,
                        List.of(1L),
                        List.of("a"),
                        Map.of("k", Collections.singletonList(null)),
                        BigInteger.valueOf(4),
                        new Two(1, "a"),
                        Double.NaN));
        for (var number : List.<Number>of(1L, JsonValues.nines(4_300), -0.0, Double.NaN)) {
            assertThat(Arguments.bind(EVERYTHING, List.of(number), Map.of()).number())
                    .isSameAs(number);
        }
    }

    @Test
    void letsNullableComponentsBeLeftOut() {
        assertThat(bind(OPTIONAL, "['a']", "{}")).isEqualTo(new Optional("a", null, null));
        assertThat(bind(OPTIONAL, "['a', null]", "{'tags': null}")).isEqualTo(new Optional("a", null, null));
        assertThat(bind(OPTIONAL, "['a']", "{'tags': ['b']}")).isEqualTo(new Optional("a", null, List.of("b")));
    }

    @Test
    void takesAPrimitiveThatSaysNullableForOneThatIsNot() {
        var type = TaskType.of("contradiction", Contradiction.class, Object.class);
        assertThatThrownBy(() -> bind(type, "[]", "{}")).isInstanceOf(WrongArgumentsException.class);
        assertThatThrownBy(() -> bind(type, "[null]", "{}")).isInstanceOf(WrongArgumentsException.class);
        assertThat(bind(type, "[3]", "{}")).isEqualTo(new Contradiction(3));
    }

    @Test
    void passesOnWhatTheRecordItselfRefuses() {
        var type = TaskType.of("checked", Checked.class, Object.class);
        assertThatThrownBy(() -> bind(type, "[0]", "{}"))
                .isInstanceOf(WrongArgumentsException.class)
                .hasMessage("checked(): java.lang.IllegalArgumentException: n must not be 0")
                .hasCauseInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> bind(type, "[-1]", "{}")).isInstanceOf(WrongArgumentsException.class);
    }

    @Test
    void givesRawArgumentsAsTheyCame() {
        var type = TaskType.of("raw", RawArguments.class, Object.class);
        assertThat(bind(type, "[1, null, 'x']", "{'a': {}}"))
                .isEqualTo(new RawArguments(Arrays.asList(1L, null, "x"), Map.of("a", Map.of())));
    }

    @Test
    void takesARecordForItsComponentsInOrder() {
        assertThat(Arguments.components(new Two(1, "a"))).containsExactly(1L, "a");
        assertThat(Arguments.components(new Optional("a", null, null))).containsExactly("a", null, null);
        assertThat(Arguments.components(new None())).isEmpty();
    }

    @Test
    void bindsWhatItTookFromARecord() {
        var values = new JsonValues();
        for (int i = 0; i < 300; i++) {
            var given = new Everything(
                    -0.0,
                    values.text(),
                    (long) values.below(99),
                    values.below(99),
                    0.5,
                    true,
                    List.of(7L),
                    List.of(values.text()),
                    values.map(),
                    values.integer(4_300),
                    new Two(1, values.text()),
                    values.value());
            var args = (List<?>) Objects.requireNonNull(Json.read(Json.write(Arguments.components(given))));
            @SuppressWarnings("unchecked") // JSON
            var bound = Arguments.bind(EVERYTHING, (List<Object>) args, Map.of());
            assertThat(bound).as("%s, record %d", values, i).isEqualTo(given);
        }
    }

    @Test
    void givesAResultAsItsTypeSays() {
        assertThat(Arguments.result(TaskType.of("t", None.class, Number.class), 7L))
                .isEqualTo(7L);
        assertThat(Arguments.result(TaskType.of("t", None.class, Object.class), null))
                .isNull();
        assertThat(Arguments.result(TaskType.of("t", None.class, Two.class), Map.of("n", 1L, "text", "a")))
                .isEqualTo(new Two(1, "a"));
        assertThat(Arguments.result(TaskType.ofList("t", None.class, Number.class), List.of(1L, 1.5)))
                .isEqualTo(List.of(1L, 1.5));
    }

    @Test
    void refusesAResultOfAnotherType() {
        assertThatThrownBy(() -> Arguments.result(TaskType.of("t", None.class, String.class), 7L))
                .isInstanceOf(DecodeException.class);
        assertThatThrownBy(() -> Arguments.result(TaskType.of("t", None.class, Number.class), "7"))
                .isInstanceOf(DecodeException.class);
        assertThatThrownBy(() -> Arguments.result(TaskType.ofList("t", None.class, Number.class), 7L))
                .isInstanceOf(DecodeException.class);
        assertThatThrownBy(() -> Arguments.result(TaskType.ofList("t", None.class, String.class), List.of(7L)))
                .isInstanceOf(DecodeException.class);
    }
}
