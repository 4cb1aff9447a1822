package dev.workerfarm.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FarmEnvironmentTest {
    private static final String URL = "amqp://farm:pa=ss#word@127.0.0.1:5/";

    @TempDir
    private Path home;

    @Test
    void theProcessOfAFarmThatMadeItsServicesIsLookedForUnlessAnAddressIsGiven() throws IOException {
        var me = ProcessHandle.current().pid();
        FarmEnvironment.write(home, Map.of("FARM_AMQP_URL", "amqp://u:p@a:1/", "FARM_UP", me + "@a:1"));
        assertThat(FarmEnvironment.ended(FarmEnvironment.load(Map.of(), home))).isNull();

        FarmEnvironment.write(home, Map.of("FARM_AMQP_URL", "amqp://u:p@a:1/", "FARM_UP", "999999999999@a:1"));
        assertThat(FarmEnvironment.ended(FarmEnvironment.load(Map.of(), home)))
                .startsWith("the farm that .farm/env names has ended (its ./farm up was process 999999999999)");
        assertThat(FarmEnvironment.ended(Map.of("FARM_AMQP_URL", "amqp://u:p@a:2/", "FARM_UP", "999999999999@a:1")))
                .as("of an earlier farm")
                .isNull();
        for (var given : List.of("FARM_AMQP_URL", "FARM_AMQP_URL_FILE", "FARM_REDIS_URL")) {
            assertThat(FarmEnvironment.ended(FarmEnvironment.load(Map.of(given, "x"), home)))
                    .as(given)
                    .isNull();
        }
    }

    @Test
    void readsBackWhatWasWritten() throws IOException {
        FarmEnvironment.write(home, Map.of("FARM_AMQP_URL", URL, "FARM_NAMESPACE", "mine"));

        assertThat(FarmEnvironment.load(Map.of(), home))
                .containsOnly(Map.entry("FARM_AMQP_URL", URL), Map.entry("FARM_NAMESPACE", "mine"));
    }

    @Test
    void letsVariablesWin() throws IOException {
        FarmEnvironment.write(home, Map.of("FARM_AMQP_URL", URL, "FARM_NAMESPACE", "mine"));

        assertThat(FarmEnvironment.load(Map.of("FARM_NAMESPACE", "yours", "PATH", "/bin"), home))
                .containsOnly(
                        Map.entry("FARM_AMQP_URL", URL),
                        Map.entry("FARM_NAMESPACE", "yours"),
                        Map.entry("PATH", "/bin"));
    }

    @Test
    void isTheVariablesAloneWhereThereIsNoFile() throws IOException {
        assertThat(FarmEnvironment.load(Map.of("A", "b"), home)).containsOnly(Map.entry("A", "b"));

        FarmEnvironment.write(home, Map.of("FARM_NAMESPACE", "mine"));
        FarmEnvironment.remove(home);
        FarmEnvironment.remove(home);

        assertThat(FarmEnvironment.load(Map.of(), home)).isEmpty();
    }

    @Test
    void isForItsOwnerAloneAndLeavesNothingBeside() throws IOException {
        FarmEnvironment.write(home, Map.of("FARM_NAMESPACE", "old"));
        FarmEnvironment.write(home, Map.of("FARM_NAMESPACE", "new"));

        var file = FarmEnvironment.file(home);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        try (var files = Files.list(file.resolveSibling("."))) {
            assertThat(files).hasSize(1);
        }
        assertThat(FarmEnvironment.load(Map.of(), home)).containsEntry("FARM_NAMESPACE", "new");
    }

    @Test
    void saysWhichLineIsWrongWithoutQuotingIt() throws IOException {
        Files.createDirectories(home.resolve(".farm"));
        Files.writeString(FarmEnvironment.file(home), "# fine\n\nFARM_NAMESPACE=a\nexport SECRET=x\n");

        assertThatThrownBy(() -> FarmEnvironment.load(Map.of(), home))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("line 4: not of the form FARM_NAME=VALUE");
    }

    @Test
    void refusesToWriteWhatItCouldNotRead() {
        assertThatThrownBy(() -> FarmEnvironment.write(home, Map.of("FARM_X", "a\nb")))
                .hasMessageContaining("FARM_X");
        assertThatThrownBy(() -> FarmEnvironment.write(home, Map.of("PATH", "/bin")))
                .hasMessageContaining("PATH");
    }
}
