package dev.workerfarm.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class LeashTest {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final Map<String, String> ENVIRONMENT = Map.of("PATH", "/usr/bin:/bin");

    /** A JVM that starts a server, prints its process id and its folder, and waits for its own end. */
    static final class Owner {
        private Owner() {}

        public static void main(String[] args) throws Exception {
            var scratch = Files.createTempDirectory("farm-leash-");
            var server = Leash.startServer(scratch, scratch.resolve("log"), ENVIRONMENT, List.of("sleep", "600"));
            System.out.println(server.pid() + " " + scratch);
            Thread.currentThread().join();
        }
    }

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
        try (var sh = Leash.start(List.of("sh", "-c", "echo $FISH"), "", Map.of("FISH", "cod"), Path.of("/"))) {
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

    @Test
    void aKilledJvmTakesItsServerAndItsScratchFolderWithIt() throws Exception {
        var owner = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Owner.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var output = owner.inputReader(StandardCharsets.UTF_8)) {
            var said = output.readLine().split(" ", 2);
            var server = ProcessHandle.of(Long.parseLong(said[0])).orElseThrow();
            assertThat(server.isAlive()).isTrue();

            owner.destroyForcibly().waitFor();

            await().atMost(DEADLINE).until(() -> !server.isAlive());
            await().atMost(DEADLINE).until(() -> Files.notExists(Path.of(said[1])));
        } finally {
            owner.destroyForcibly();
        }
    }

    @Test
    void aKilledServerLeavesItsFolderForTheNextStart(@TempDir Path scratch) {
        var server = Leash.startServer(scratch, scratch.resolve("log"), ENVIRONMENT, List.of("sleep", "600"));

        server.close();

        assertThat(server.isAlive()).isFalse();
        assertThat(ProcessHandle.of(server.pid())).isEmpty();
        assertThat(scratch).exists();
    }

    @Test
    void aServerWritesToItsLogAndSeesNoVariableOfThisJvm(@TempDir Path scratch) throws Exception {
        var log = scratch.resolve("log");
        try (var server = Leash.startServer(scratch, log, ENVIRONMENT, List.of("sh", "-c", "echo out; env >&2"))) {
            assertThat(server.awaitEnd(DEADLINE)).isTrue();
            assertThat(server.tail()).isEmpty();
            assertThat(Files.readString(log))
                    .contains("out\n", "PATH=/usr/bin:/bin\n")
                    .doesNotContain("HOME=");
        }
    }

    @Test
    void aServerThatIgnoresSigtermIsKilledWhenThePatienceEnds(@TempDir Path scratch) throws Exception {
        var log = scratch.resolve("log");
        var server = Leash.startServer(
                scratch, log, ENVIRONMENT, List.of("sh", "-c", "trap '' TERM; echo ready; sleep 600 & wait; wait"));
        await().atMost(DEADLINE)
                .until(() -> Files.exists(log) && Files.readString(log).contains("ready"));

        server.terminate(Duration.ofMillis(100));

        assertThat(server.isAlive()).isFalse();
    }

    @Test
    void aStrayInterruptDoesNotEndTheReadingOfTheOutput() throws Exception {
        try (var cat = start("", "sh", "-c", "sleep 0.3; echo late")) {
            Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().equals("workerfarm-output-of-sh"))
                    .forEach(Thread::interrupt);

            assertThat(cat.awaitEnd(DEADLINE)).isTrue();
            assertThat(cat.tail()).isEqualTo("late");
        }
    }

    private static Leash start(String input, String... command) throws IOException {
        return Leash.start(List.of(command), input, Map.of(), Path.of("/"));
    }
}
