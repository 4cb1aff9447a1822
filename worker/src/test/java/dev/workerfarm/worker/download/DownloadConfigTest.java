package dev.workerfarm.worker.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DownloadConfigTest {
    @Test
    void hasDefaultsForEverything() {
        DownloadConfig config = DownloadConfig.from(Map.of("FARM_DOWNLOAD_MAX_BYTES", "", "FARM_DOWNLOAD_DIR", " "));

        assertThat(config.folder()).isEqualTo(Path.of("downloads").toAbsolutePath());
        assertThat(config.limits()).isEqualTo(DownloadConfig.Limits.DEFAULT);
        assertThat(config.limits().maxBytes()).isEqualTo(1073741824);
        assertThat(config.allow().allowsAddress(new byte[] {127, 0, 0, 1})).isFalse();
    }

    @Test
    void readsItsVariables() {
        DownloadConfig config = DownloadConfig.from(Map.of(
                "FARM_DOWNLOAD_DIR", "/data/../files", "FARM_DOWNLOAD_ALLOW", "minio", "FARM_DOWNLOAD_MAX_BYTES", "5"));

        assertThat(config.folder()).isEqualTo(Path.of("/files"));
        assertThat(config.limits().maxBytes()).isEqualTo(5);
        assertThat(config.allow().allowsHost("minio")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "1G", "1.5", "9999999999999999999"})
    void namesASizeThatIsNone(String size) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DownloadConfig.from(Map.of("FARM_DOWNLOAD_MAX_BYTES", size)))
                .withMessage("FARM_DOWNLOAD_MAX_BYTES must be a whole number of bytes, 1 or more, not '%s'", size);
    }

    @Test
    void namesAFolderThatIsNoPath() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DownloadConfig.from(Map.of("FARM_DOWNLOAD_DIR", "a\0b")))
                .withMessageStartingWith("FARM_DOWNLOAD_DIR is not a path");
    }

    @Test
    void refusesATimeoutOfNothing() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new DownloadConfig.Limits(1, Duration.ofSeconds(1), Duration.ZERO, Duration.ofSeconds(1), 1))
                .withMessageStartingWith("readTimeout");
    }
}
