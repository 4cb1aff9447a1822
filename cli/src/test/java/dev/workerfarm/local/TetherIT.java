package dev.workerfarm.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TetherIT {
    private static final Duration DEADLINE = Duration.ofSeconds(10);

    @Test
    void handsItsInputOverByteForByteAndKeepsTheOutput() throws Exception {
        var input = "one  two\\n\n  $HOME `id` %s 'q' \"q\"\n*";
        try (var cat = start(input, "cat")) {
            assertThat(cat.awaitEnd(DEADLINE)).isTrue();
            assertThat(cat.tail()).isEqualTo(input);
        }
    }

    @Test
    void addsToTheEnvironment() throws Exception {
        try (var sh = Tether.start(List.of("sh", "-c", "echo $FISH"), "", Map.of("FISH", "cod"), Path.of("/"))) {
            assertThat(sh.awaitEnd(DEADLINE)).isTrue();
            assertThat(sh.tail()).isEqualTo("cod");
        }
    }

    @Test
    void killsTheProgramAndItsChildrenOnClose() throws Exception {
        var sleeper = start("", "sh", "-c", "trap '' TERM; sleep 60 & wait; sleep 60");
        var program = ProcessHandle.of(sleeper.pid()).orElseThrow();
        var children = await().until(() -> program.descendants().toList(), list -> !list.isEmpty());
        sleeper.close();
        sleeper.close();
        assertThat(sleeper.isAlive()).isFalse();
        assertThat(program.isAlive()).isFalse();
        // The children are left to the system's first process, which takes its time to bury them.
        await().until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
    }

    @Test
    void leavesTheProgramToAnswerSignalsAsUsual() throws Exception {
        try (var sleeper = start("", "sleep", "60")) {
            var program = ProcessHandle.of(sleeper.pid()).orElseThrow();
            await().until(() -> program.info().command().orElse("").endsWith("/sleep"));
            program.destroy();
            assertThat(sleeper.awaitEnd(DEADLINE)).isTrue();
        }
    }

    @Test
    void endsWhenTheProgramDoesNotExist() throws Exception {
        try (var nothing = start("some input\n", "/nowhere/at-all")) {
            assertThat(nothing.awaitEnd(DEADLINE)).isTrue();
            assertThat(nothing.tail()).contains("/nowhere/at-all");
        }
    }

    private static Tether start(String input, String... command) throws IOException {
        return Tether.start(List.of(command), input, Map.of(), Path.of("/"));
    }
}
