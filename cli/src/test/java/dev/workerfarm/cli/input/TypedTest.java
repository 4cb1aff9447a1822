package dev.workerfarm.cli.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.error.EncodeException;
import dev.workerfarm.shared.Typecode;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TypedTest {
    @Test
    void readsNumbersExactly() {
        assertThat(Typed.number("-3")).isEqualTo(-3L);
        assertThat(Typed.number(" 4 ")).isEqualTo(4L);
        assertThat(Typed.number("1.5")).isEqualTo(1.5);
        assertThat(Typed.number("1180591620717411303424")).isEqualTo(new BigInteger("1180591620717411303424"));
        assertThat(Typed.number("-1e3")).isEqualTo(-1000.0);
    }

    @Test
    void keepsANumberTooLongToTravelANumber() {
        assertThat(Typed.number("9".repeat(5000))).isInstanceOf(BigInteger.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "true", "\"3\"", "[3]", "0x10", "007", "1_000", "", "3 4", "null"})
    void leavesWhatIsNoNumberAStringForTheWorkerToRefuse(String text) {
        assertThat(Typed.number(text)).isEqualTo(text);
    }

    @Test
    void readsAnArgumentAsJsonElseAsAString() {
        assertThat(Typed.value("{\"a\":[1,null]}")).hasToString("{a=[1, null]}");
        assertThat(Typed.value("plain text")).isEqualTo("plain text");
        assertThat(Typed.value("null")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e1000001", " -2.5E-1000001", "1e99999999999", "[1.10, 1e1000001]", "{\"a\": 1e1000001}"})
    void refusesJsonThatCannotTravelAndDoesNotTakeItForAString(String text) {
        assertThatThrownBy(() -> Typed.arguments(text))
                .isInstanceOf(EncodeException.class)
                .hasMessageContaining("exponent");
        assertThatThrownBy(() -> Typed.value("9".repeat(5_000)))
                .isInstanceOf(EncodeException.class)
                .hasMessageContaining("4300");
        assertThatThrownBy(() -> Typed.value("[".repeat(600) + "]".repeat(600))).isInstanceOf(EncodeException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e1000001 apples", "[1, x]", "{", "1e1000001e"})
    void textThatOnlyBeginsAsJsonIsAString(String text) {
        assertThat(Typed.value(text)).isEqualTo(text);
    }

    @Test
    void takesALineForOneArgumentOrAnArrayOfThem() {
        assertThat(Typed.arguments("5")).isEqualTo(List.of(5L));
        assertThat(Typed.arguments("[1,\"b\"]")).isEqualTo(List.of(1L, "b"));
        assertThat(Typed.arguments("[[1]]")).isEqualTo(List.of(List.of(1L)));
        assertThat(Typed.arguments("null")).isEqualTo(Arrays.asList((Object) null));
        assertThat(Typed.arguments("a b")).isEqualTo(List.of("a b"));
    }

    @Test
    void readsANumberOfASharedTypeOrSaysWhyNot() {
        assertThat(Typed.number("1", Typecode.D)).isEqualTo(1.0);
        assertThat(Typed.number("1", null)).isEqualTo(1L);
        assertThatThrownBy(() -> Typed.number("1.5", Typecode.I)).hasMessageContaining("whole numbers, not 1.5");
        assertThatThrownBy(() -> Typed.number("x", null)).hasMessage("'x' is no number");
    }
}
