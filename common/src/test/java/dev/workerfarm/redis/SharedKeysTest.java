package dev.workerfarm.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SharedKeysTest {
    private final SharedKeys keys = new SharedKeys("farm");

    @Test
    void carriesTheNamespaceAsHashTag() {
        assertThat(keys.value("total")).isEqualTo("{farm}:value:total");
        assertThat(keys.array("a:b {c}")).isEqualTo("{farm}:array:a:b {c}");
        assertThat(keys.lock("tokens")).isEqualTo("{farm}:lock:tokens").isNotEqualTo(keys.lockTokens());
    }

    @Test
    void takesNamesOf1To200Characters() {
        assertThat(keys.value("é")).endsWith(":é");
        assertThat(keys.array("n".repeat(200))).hasSize(200 + "{farm}:array:".length());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keys.array("n".repeat(201)))
                .withMessage("a shared array's name is 1 to 200 characters, not 201");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keys.value(""))
                .withMessage("a shared value's name is 1 to 200 characters, not 0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\nb", "\u0000", "a\u007f", "a\u0085"})
    void refusesControlCharacters(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keys.value(name))
                .withMessageContaining("no control characters");
    }

    @Test
    void refusesANameThatCannotTravel() {
        assertThat(keys.value("\ud83d\ude00")).endsWith("\ud83d\ude00");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keys.value("a\ud83d"))
                .withMessageContaining("surrogate");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a}b", "{a", "a\tb"})
    void refusesANamespaceThatSpoilsTheHashTag(String namespace) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SharedKeys(namespace))
                .withMessageContaining("namespace");
    }
}
