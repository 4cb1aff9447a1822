package dev.workerfarm.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
    @ParameterizedTest
    @CsvSource({
        "0, PT0S",
        "500ms, PT0.5S",
        "20s, PT20S",
        "20, PT20S",
        "5m, PT5M",
        "2h, PT2H",
        "007s, PT7S",
        "999999999h, PT999999999H"
    })
    void readsANumberAndItsUnit(String text, Duration duration) {
        assertThat(Durations.parse(text)).isEqualTo(duration);
    }

    @ParameterizedTest
    @CsvSource({
        "PT1S, 1000000000, 1000",
        "PT-1S, -1000000000, -1000",
        "PT0.0009S, 900000, 0",
        "PT600H, 2160000000000000, 2147483647",
        "PT2562047788015215H, 4611686018427387903, 2147483647",
        "PT-2562047788015215H, -4611686018427387903, -2147483647"
    })
    void countsADurationOfAnyLength(Duration duration, long nanos, int millis) {
        assertThat(Durations.nanos(duration)).isEqualTo(nanos);
        assertThat(Durations.intMillis(duration)).isEqualTo(millis);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "s", "-1s", "+1s", "1.5s", "1 s", " 1s", "1s ", "1S", "1d", "1s1", "9999999999", "٣s"})
    void refusesOtherForms(String text) {
        assertThatThrownBy(() -> Durations.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'" + text + "' is no duration: write 500ms, 20s, 5m or 2h");
    }
}
