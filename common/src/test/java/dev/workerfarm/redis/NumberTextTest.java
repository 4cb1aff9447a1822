package dev.workerfarm.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.error.SharedStateException;
import dev.workerfarm.shared.Typecode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.DoubleAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NumberTextTest {
    @Test
    void writesEveryWholeTypeAsDigits() {
        List<Number> fives =
                List.of((byte) 5, (short) 5, 5, 5L, BigInteger.valueOf(5), new AtomicInteger(5), new AtomicLong(5));
        assertThat(fives).allSatisfy(five -> {
            assertThat(NumberText.of(five)).isEqualTo(new NumberText("5", "5.0"));
            assertThat(NumberText.of(five).type()).isEqualTo(Typecode.I);
        });
    }

    @Test
    void writesEveryFractionalTypeAsADouble() {
        List<Number> halves = List.of(0.5, 0.5f, new BigDecimal("0.5"));
        assertThat(halves).allSatisfy(half -> assertThat(NumberText.of(half)).isEqualTo(new NumberText("", "0.5")));
        assertThat(NumberText.of(1.0).type()).isEqualTo(Typecode.D);
    }

    @Test
    void keepsAll64Bits() {
        for (long number : new long[] {Long.MIN_VALUE, Long.MAX_VALUE, (1L << 53) + 1, 0, -1}) {
            String text = NumberText.of(number).as(Typecode.I);
            assertThat(NumberText.parse(text)).isEqualTo(number);
        }
        assertThat(NumberText.of(Long.MAX_VALUE).as(Typecode.D)).isEqualTo("9.223372036854776E18");
    }

    @Test
    void givesEveryDoubleBack() {
        var random = new Random(7);
        for (int i = 0; i < 100_000; i++) {
            double number = Double.longBitsToDouble(random.nextLong());
            String text = NumberText.of(number).as(Typecode.D);
            assertThat(NumberText.parse(text)).isEqualTo(Double.isNaN(number) ? (Double) Double.NaN : (Double) number);
        }
        assertThat(NumberText.parse("-0.0")).isEqualTo(-0.0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e+20", "1.5e-07", "-3.25", "12.0", "Infinity", "-Infinity", "NaN"})
    void readsWhatTheScriptsWrite(String text) {
        assertThat(NumberText.parse(text)).isEqualTo(Double.valueOf(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "abc",
                "+1",
                "01",
                "-0",
                "1 ",
                "0x10",
                "1.",
                ".5",
                "1,5",
                "1.0f",
                "1d",
                "٣",
                "nan",
                "inf",
                "9223372036854775808",
                "-9223372036854775809",
                "1e",
                "--1"
            })
    void readsNothingElse(String text) {
        assertThat(NumberText.parse(text)).isNull();
    }

    @Test
    void refusesWhatDoesNotFit() {
        var tooLarge = BigInteger.ONE.shiftLeft(63);
        assertThat(NumberText.of(tooLarge.negate()).whole()).isEqualTo("-9223372036854775808");
        assertThatThrownBy(() -> NumberText.of(tooLarge))
                .isInstanceOf(SharedStateException.class)
                .hasMessageContaining("64 bits");
        assertThatThrownBy(() -> NumberText.of(new BigDecimal("1e400")))
                .isInstanceOf(SharedStateException.class)
                .hasMessageContaining("type d");
        assertThatThrownBy(() -> NumberText.of(new DoubleAdder()))
                .isInstanceOf(SharedStateException.class)
                .hasMessageContaining("DoubleAdder");
        assertThatThrownBy(() -> NumberText.of(1.0).as(Typecode.I))
                .isInstanceOf(SharedStateException.class)
                .hasMessage("type i holds whole numbers of 64 bits, not 1.0");
    }
}
