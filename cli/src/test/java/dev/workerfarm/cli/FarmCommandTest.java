package dev.workerfarm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.testkit.JavaProcess;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code farm}'s command line in a process of its own, as far as nothing is started for it. */
@Timeout(60)
@Execution(ExecutionMode.CONCURRENT)
class FarmCommandTest {
    private static final Duration END = Duration.ofSeconds(20);

    @ParameterizedTest
    @CsvSource({
        "demo --workers 0, farm demo: --workers: 0 is not within 1 to 1024",
        "demo --workers -1, farm demo: --workers: -1 is not within 1 to 1024",
        "demo --workers 1025, farm demo: --workers: 1025 is not within 1 to 1024",
        "chaos --workers 0, farm chaos: --workers: 0 is not within 1 to 64",
        "chaos --minutes 0, farm chaos: --minutes: 0 is not within 1 to 1440",
        "up --workers -1, farm up: --workers: -1 is not within 0 to 1024",
        "bench start --runs 0, farm bench start: --runs: 0 is not within 1 to 1000",
        "bench start --runs -1, farm bench start: --runs: -1 is not within 1 to 1000",
        "bench --processes 0, farm bench: --processes: 0 is not within 1 to 64"
    })
    void refusesANumberOutOfRangeInOneLine(String line, String answer) throws InterruptedException {
        try (var farm = JavaProcess.start(Map.of(), FarmCommand.class, line.split(" "))) {
            assertThat(farm.awaitExit(END)).isEqualTo(2);
            assertThat(farm.errorLines()).containsExactly(answer);
            assertThat(farm.outputLines()).isEmpty();
        }
    }

    @Test
    void tellsWhyAFarmOfItsOwnDoesNotStartInOneLine() throws InterruptedException {
        var nowhere = List.of("-Djava.io.tmpdir=/no/such/folder");
        try (var farm = JavaProcess.start(Map.of(), nowhere, FarmCommand.class, "demo")) {
            assertThat(farm.awaitExit(END)).isEqualTo(1);
            assertThat(farm.errorLines()) // Java 25 has a line about the folder too
                    .anySatisfy(
                            line -> assertThat(line).startsWith("farm demo: ").contains("/no/such/folder"))
                    .noneMatch(line -> line.startsWith("\tat "));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "bench", "bench start", "up", "worker", "completion", "chaos"})
    void teachesEachCommandByExampleAndSaysItsExitCodes(String command) throws InterruptedException {
        try (var farm = JavaProcess.start(Map.of(), FarmCommand.class, (command + " --help").split(" "))) {
            assertThat(farm.awaitExit(END)).isZero();
            assertThat(farm.outputLines())
                    .anySatisfy(line -> assertThat(line).startsWith("Example"))
                    .anySatisfy(line -> assertThat(line).startsWith("Exit codes: 0 "));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "up --wrong, farm up: unknown option '--wrong', farm up [OPTION...], farm up --help",
        "up extra, farm up: one word too many: 'extra', farm up [OPTION...], farm up --help",
        "completion, farm completion: Missing required parameter: 'SHELL', farm completion [OPTION...] SHELL,"
                + " farm completion --help",
    })
    void tellsWrongUsageInThreeLines(String line, String error, String usage, String more) throws Exception {
        try (var farm = JavaProcess.start(Map.of(), FarmCommand.class, line.split(" "))) {
            assertThat(farm.awaitExit(END)).isEqualTo(2);
            assertThat(farm.errorLines()).containsExactly(error, "Usage: " + usage, "See " + more);
        }
    }

    @Test
    void hasNoHelpWithACommandThatTheProducerDoesNotHave() throws InterruptedException {
        try (var farm = JavaProcess.start(Map.of(), FarmCommand.class, "help", "producer", "nonsense")) {
            assertThat(farm.awaitExit(END)).isEqualTo(2);
            assertThat(farm.errorLines()).containsExactly("farm producer: there is no command 'nonsense'; see --help");
            assertThat(farm.outputLines()).isEmpty();
        }
    }

    @Test
    void helpsWithTheProducerAsTheProducerItselfDoes() throws InterruptedException {
        try (var farm = JavaProcess.start(Map.of(), FarmCommand.class, "help", "producer");
                var ofOne = JavaProcess.start(Map.of(), FarmCommand.class, "help", "producer", "square")) {
            assertThat(farm.awaitExit(END)).as("%s", farm.errorLines()).isZero();
            assertThat(farm.outputLines().get(0)).startsWith("Usage: producer ");
            assertThat(ofOne.awaitExit(END)).isZero();
            assertThat(ofOne.outputLines().get(0)).startsWith("Usage: producer square ");
        }
    }
}
