package dev.workerfarm.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.workerfarm.testkit.JavaProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What bash offers with the script of {@code farm completion}. */
class CompletionTest {
    private static final Path BASH = Path.of("/bin/bash");

    @TempDir
    private static Path folder;

    private static Path script;

    @BeforeAll
    static void writeScript() throws Exception {
        assumeTrue(Files.isExecutable(BASH), "no bash on this machine");
        try (var farm = JavaProcess.start(Map.of(), FarmCommand.class, "completion", "bash")) {
            assertThat(farm.awaitExit(Duration.ofSeconds(20))).isZero();
            script = Files.write(folder.resolve("completion"), farm.outputLines());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "producer value n --type, i d",
        "producer array n --type, i d",
        "chaos --broker, local container",
        "chaos --queue-type, classic quorum",
        "producer value n, get set add rm",
        "producer array n, get set add add-all fill length rm",
        "producer run, square sleep echo fail update_value update_array download",
        "producer, square download run map value array status tasks result revoke dead",
        "producer dead, ls show replay rm",
        "producer map, square sleep echo fail update_value update_array download",
    })
    void offersWhatTheCommandTakes(String typed, String offered) throws Exception {
        assertThat(completions(typed)).contains(offered.split(" ")).doesNotContain("I", "D");
    }

    @Test
    void offersOptionsOfThatCommandAlone() throws Exception {
        assertThat(completions("producer value n --")).contains("--type", "--json", "--timeout");
        assertThat(completions("producer value n --")).doesNotContain("--detach", "--queue");
    }

    /** Those for a word more, or for the last if that is the beginning of an option. */
    private static List<String> completions(String typed) throws IOException, InterruptedException {
        var words = new ArrayList<>(List.of(typed.split(" ")));
        if (!words.get(words.size() - 1).equals("--")) {
            words.add("");
        }
        List<String> command = new ArrayList<>(List.of(
                BASH.toString(),
                "-c",
                "source \"$0\"; COMP_WORDS=(farm \"$@\"); COMP_CWORD=$#; _complete_farm;"
                        + " printf '%s\\n' \"${COMPREPLY[@]}\"",
                script.toString()));
        command.addAll(words);
        var bash = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD) // compopt's, which wants a real completion
                .start();
        var output = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(output).isZero();
        return output.lines().map(String::strip).toList();
    }
}
