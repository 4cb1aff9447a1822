package dev.workerfarm.worker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecyclingTest {
    @Test
    void byDefaultAProcessIsNeverRecycled() {
        assertThat(Recycling.from(Map.of())).isEqualTo(new Recycling(0, 0));
        assertThat(Recycling.from(Map.of("FARM_MAX_TASKS", " ", "FARM_MAX_MEMORY", "0")))
                .isEqualTo(new Recycling(0, 0));
    }

    @ParameterizedTest
    @CsvSource({"200m, 209715200", "200M, 209715200", "2g, 2147483648", "262144k, 268435456", "1gb, 1073741824"})
    void sizesAreReadAsPeopleWriteThem(String text, long bytes) {
        assertThat(Recycling.from(Map.of("FARM_MAX_MEMORY", text)).maxMemoryBytes())
                .isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"512", "m", "-1m", "1.5g", "10m", "99999999999g", "512 m"})
    void otherSizesAreRefusedByName(String text) {
        assertThatThrownBy(() -> Recycling.from(Map.of("FARM_MAX_MEMORY", text)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("FARM_MAX_MEMORY: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "many", "1.5"})
    void otherCountsAreRefusedByName(String text) {
        assertThatThrownBy(() -> Recycling.from(Map.of("FARM_MAX_TASKS", text)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("FARM_MAX_TASKS: ");
    }
}
