package dev.workerfarm.shared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TypecodeTest {
    @Test
    void takesPythonsLettersForWhatIsKept() {
        assertThat(Typecode.of("i")).isEqualTo(Typecode.I);
        assertThat(Typecode.of("l")).isEqualTo(Typecode.I);
        assertThat(Typecode.of("q")).isEqualTo(Typecode.I);
        assertThat(Typecode.of("d")).isEqualTo(Typecode.D);
        for (Typecode type : Typecode.values()) {
            assertThat(Typecode.of(String.valueOf(type.letter()))).isEqualTo(type);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"b", "B", "h", "H", "I", "L", "Q"})
    void refusesPythonsNarrowerAndUnsignedWholeTypesAndNamesTheOneToUse(String letter) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Typecode.of(letter))
                .withMessage("type " + letter + " is not kept here: use i, whole numbers of 64 bits with a sign");
    }

    @Test
    void refusesAFloatAndNamesTheDouble() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Typecode.of("f"))
                .withMessage("type f is not kept here: use d, a double");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "u", "c", "w", "D", "ii", " i", "double"})
    void refusesWhatIsNoType(String letter) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Typecode.of(letter))
                .withMessage("a type is i (64-bit integer) or d (double), not '" + letter + "'");
    }
}
