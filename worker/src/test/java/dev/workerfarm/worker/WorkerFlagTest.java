package dev.workerfarm.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkerFlagTest {
    @Test
    void readsAValueBehindABlankOrAnEqualsSign() {
        assertThat(WorkerFlag.parse("--processes", "4", "--tasks=a=b", "--max-memory=", "--health-file", "--odd"))
                .isEqualTo(Map.of(
                        WorkerFlag.PROCESSES, "4",
                        WorkerFlag.TASKS, "a=b",
                        WorkerFlag.MAX_MEMORY, "",
                        WorkerFlag.HEALTH_FILE, "--odd"));
        assertThat(WorkerFlag.parse()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "--process 4, there is no flag '--process'; see --help",
        "stray, there is no flag 'stray'; see --help",
        "--Processes=4, there is no flag '--Processes'; see --help",
        "--max-tasks, --max-tasks: its value is missing: --max-tasks N",
        "--downloaders 1 --downloaders=1, --downloaders is there twice"
    })
    void refusesWhatItDoesNotKnow(String line, String answer) {
        assertThatThrownBy(() -> WorkerFlag.parse(line.split(" ")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(answer);
    }

    @Test
    void goesBeforeItsVariableIfItHasOne() {
        var given = WorkerFlag.parse("--max-tasks", "7", "--health-file", "healthy");
        assertThat(WorkerFlag.over(Map.of("FARM_MAX_TASKS", "5", "FARM_DRAIN", "1s"), given))
                .isEqualTo(Map.of("FARM_MAX_TASKS", "7", "FARM_DRAIN", "1s"));
    }

    @Test
    void anErrorNamesTheFlagThatWasGivenAndElseTheVariable() {
        var error = new IllegalArgumentException("FARM_PROCESSES and FARM_DOWNLOADERS are both 0");
        assertThat(WorkerFlag.naming(Set.of(WorkerFlag.PROCESSES), error))
                .hasMessage("--processes and FARM_DOWNLOADERS are both 0");
    }

    @Test
    void theHelpNamesEachFlagItsValueAndItsVariable() {
        assertThat(WorkerFlag.help("greeter.jar").lines())
                .startsWith("Usage: greeter.jar [FLAG VALUE]...")
                .containsSequence(
                        "  --tasks DIR",
                        "        A folder of jars with tasks of your own, read when a process starts. Default: FARM_TASKS.",
                        "  --max-tasks N",
                        "        A process ends after so many tasks and is replaced. Default: FARM_MAX_TASKS, or never.")
                .containsSequence(
                        "  --health-file FILE",
                        "        A file that exists while every process is consuming, for a container's health check.");
    }
}
