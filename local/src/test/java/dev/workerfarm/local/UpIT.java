package dev.workerfarm.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.config.FarmEnvironment;
import dev.workerfarm.testkit.JavaProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code farm up} in one home folder, more than once. */
@Timeout(180)
class UpIT {
    private static final Duration WAIT = Duration.ofSeconds(60);

    @TempDir
    private Path home;

    @Test
    void leavesTheFileOfAFarmThatIsUpAloneAndReplacesThatOfAKilledOne() throws Exception {
        var file = FarmEnvironment.file(home);
        try (var first = up()) {
            awaitReady(first);
            var written = Files.readString(file);

            try (var second = up()) {
                assertThat(second.awaitExit(WAIT)).isEqualTo(2);
                assertThat(second.errorLines())
                        .singleElement()
                        .asString()
                        .startsWith("farm up: a farm is up already in " + home)
                        .contains("stop it");
            }
            assertThat(file).hasContent(written);

            first.kill();
            first.awaitExit(WAIT);
            assertThat(file).as("left by the killed one").hasContent(written);
            try (var third = up()) {
                awaitReady(third);
                assertThat(Files.readString(file)).isNotEqualTo(written);

                third.terminate();
                assertThat(third.awaitExit(WAIT)).isZero();
                assertThat(file).doesNotExist();
            }
        }
    }

    private JavaProcess up() {
        var downloads = home.resolve("downloads").toString();
        return JavaProcess.start(
                Map.of("FARM_DOWNLOAD_DIR", downloads, "FARM_DOWNLOADERS", "0"),
                List.of("-Xmx256m", "-Dfarm.home=" + home),
                FarmCommand.class,
                "up",
                "--workers",
                "1");
    }

    private static void awaitReady(JavaProcess up) {
        await("the farm")
                .atMost(WAIT)
                .until(() -> up.errorLines().stream().anyMatch(line -> line.contains("are ready")));
    }
}
