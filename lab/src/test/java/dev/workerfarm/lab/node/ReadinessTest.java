package dev.workerfarm.lab.node;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.local.Leash;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReadinessTest {
    private static final Map<String, String> ENVIRONMENT = Map.of("PATH", "/usr/bin:/bin");

    @Test
    void aServerThatEndsWhileItStartsIsReportedAtOnceWithItsLog() {
        try (var scratch = new Scratch("farm-readiness-")) {
            var log = scratch.path("log");
            var server = Leash.startServer(
                    scratch.path(), log, ENVIRONMENT, List.of("/bin/sh", "-c", "echo port is taken; exit 3"));

            assertThatThrownBy(() -> Readiness.await(
                            "the server", server, Duration.ofSeconds(60), List.of(log), ReadinessTest::refuse))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll("the server ended while it started", "port is taken");
        }
    }

    @Test
    void aServerThatNeverAnswersIsReportedWithItsLog() {
        try (var scratch = new Scratch("farm-readiness-")) {
            var log = scratch.path("log");
            var server = Leash.startServer(
                    scratch.path(), log, ENVIRONMENT, List.of("/bin/sh", "-c", "echo still booting; exec sleep 600"));
            try {
                assertThatThrownBy(() -> Readiness.await(
                                "the server", server, Duration.ofSeconds(1), List.of(log), ReadinessTest::refuse))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContainingAll("the server does not answer after PT1S", "still booting");
            } finally {
                server.close();
            }
        }
    }

    private static Object refuse() {
        throw new IllegalStateException("refused");
    }
}
