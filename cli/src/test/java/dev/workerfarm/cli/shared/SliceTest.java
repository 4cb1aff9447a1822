package dev.workerfarm.cli.shared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.workerfarm.cli.shared.ArrayCommand.Slice;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SliceTest {
    @Test
    void readsWhatPythonWrites() {
        assertThat(Slice.parse("1:3")).isEqualTo(new Slice(1, 3));
        assertThat(Slice.parse(":")).isEqualTo(new Slice(0, Integer.MAX_VALUE));
        assertThat(Slice.parse("2:")).isEqualTo(new Slice(2, Integer.MAX_VALUE));
        assertThat(Slice.parse(":-1")).isEqualTo(new Slice(0, -1));
    }

    @Test
    void readsEveryPairOfBounds() {
        var random = new Random(4);
        for (int i = 0; i < 10_000; i++) {
            var slice = new Slice(random.nextInt(), random.nextInt());
            assertThat(Slice.parse(slice.from() + ":" + slice.to())).isEqualTo(slice);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "1", "1:2:3", "a:b", " 1:2", "1 : 2", "+1:2", "1.0:2", "-:2", "--1:2", "٣:4", "1:2147483648"
            })
    void refusesEverythingElse(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Slice.parse(text)).withMessageContaining("'");
    }
}
