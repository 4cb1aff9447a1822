package dev.workerfarm.lab.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LeashedTest {
    private static final Map<String, String> ENVIRONMENT = Map.of("PATH", "/usr/bin:/bin");

    /** A JVM that starts a server, says where, and waits for its end. */
    static final class Owner {
        private Owner() {}

        public static void main(String[] args) throws Exception {
            var scratch = Scratch.create("farm-leashed-");
            var server = Leashed.start(scratch.path(), scratch.path("log"), ENVIRONMENT, List.of("sleep", "600"));
            System.out.println(server.pid() + " " + scratch.path());
            Thread.currentThread().join();
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
        try (var output = new BufferedReader(new InputStreamReader(owner.getInputStream(), StandardCharsets.UTF_8))) {
            var said = output.readLine().split(" ", 2);
            var server = ProcessHandle.of(Long.parseLong(said[0])).orElseThrow();
            assertThat(server.isAlive()).isTrue();

            owner.destroyForcibly().waitFor();

            await().atMost(Duration.ofSeconds(10)).until(() -> !server.isAlive());
            await().atMost(Duration.ofSeconds(10)).until(() -> Files.notExists(Path.of(said[1])));
        } finally {
            owner.destroyForcibly();
        }
    }

    @Test
    void aKilledServerLeavesItsFolderForTheNextStart() {
        try (var scratch = Scratch.create("farm-leashed-")) {
            var server = Leashed.start(scratch.path(), scratch.path("log"), ENVIRONMENT, List.of("sleep", "600"));

            server.kill();

            assertThat(server.isAlive()).isFalse();
            assertThat(ProcessHandle.of(server.pid())).isEmpty();
            assertThat(scratch.path()).exists();
        }
    }

    @Test
    void aServerThatEndsWhileItStartsIsReportedAtOnceWithItsLog() {
        try (var scratch = Scratch.create("farm-leashed-")) {
            var log = scratch.path("log");
            var server = Leashed.start(
                    scratch.path(), log, ENVIRONMENT, List.of("/bin/sh", "-c", "echo port is taken; exit 3"));

            assertThatThrownBy(() -> Readiness.await(
                            "the server", server, Duration.ofSeconds(60), List.of(log), LeashedTest::refuse))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll("the server ended while it started", "port is taken");
        }
    }

    @Test
    void aServerThatNeverAnswersIsReportedWithItsLog() {
        try (var scratch = Scratch.create("farm-leashed-")) {
            var log = scratch.path("log");
            var server = Leashed.start(
                    scratch.path(), log, ENVIRONMENT, List.of("/bin/sh", "-c", "echo still booting; exec sleep 600"));
            try {
                assertThatThrownBy(() -> Readiness.await(
                                "the server", server, Duration.ofSeconds(1), List.of(log), LeashedTest::refuse))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContainingAll("the server does not answer after PT1S", "still booting");
            } finally {
                server.kill();
            }
        }
    }

    private static Object refuse() {
        throw new IllegalStateException("refused");
    }
}
