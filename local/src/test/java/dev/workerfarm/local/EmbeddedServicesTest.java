package dev.workerfarm.local;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class EmbeddedServicesTest {
    @Test
    void aLimitOfOpenFilesThatIsTooLowForAFarmIsNamedAtOnce() {
        assertThatThrownBy(() -> EmbeddedServices.requireFiles(60))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("60 files")
                .hasMessageContaining("ulimit -n");
        assertThatCode(() -> EmbeddedServices.requireFiles(256)).doesNotThrowAnyException();
        assertThatCode(() -> EmbeddedServices.requireFiles(-1))
                .as("no limit is known")
                .doesNotThrowAnyException();
    }
}
