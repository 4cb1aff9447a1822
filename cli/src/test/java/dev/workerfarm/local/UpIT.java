package dev.workerfarm.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.cli.FarmCommand;
import dev.workerfarm.cli.ProducerCommand;
import dev.workerfarm.config.FarmEnvironment;
import dev.workerfarm.testkit.JavaProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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
            try (var workers = up(Map.of("FARM_AMQP_URL", "amqp://127.0.0.1:1/"))) {
                assertThat(workers.awaitExit(WAIT)).isEqualTo(2);
                assertThat(workers.errorLines())
                        .singleElement()
                        .asString()
                        .contains("is up already")
                        .endsWith("run ./farm worker");
            }
            assertThat(file).hasContent(written);

            first.kill();
            first.awaitExit(WAIT);
            assertThat(file).as("left by the killed one").hasContent(written);
            try (var third = up(Map.of(), "--workers", "0", "--lanes", "calls:1")) {
                awaitReady(third);
                await("what to do without CPU workers")
                        .atMost(WAIT)
                        .until(() -> third.errorLines().stream()
                                .anyMatch(line -> line.contains("no worker here takes CPU tasks")
                                        && line.contains(". " + file + ";")));
                assertThat(third.errorLines()).noneMatch(line -> line.contains("producer square"));
                assertThat(Files.readString(file)).isNotEqualTo(written);

                third.terminate();
                assertThat(third.awaitExit(WAIT)).isZero();
                assertThat(file).doesNotExist();
            }
        }
    }

    @Test
    void whoWaitsForAFarmThatEndedIsToldAtOnceAndHowManyTasksWereLost() throws Exception {
        try (var first = up()) {
            awaitReady(first);
            try (var waiting = producer("run", "sleep", "60000")) {
                await("the task runs").atMost(WAIT).until(() -> {
                    try (var status = producer("status")) {
                        status.awaitExit(WAIT);
                        return status.outputLines().stream().anyMatch(line -> line.contains("sleep "));
                    }
                });
                try (var behind = producer("run", "--detach", "square", "2")) {
                    assertThat(behind.awaitExit(WAIT)).isZero();
                }

                first.terminate();
                await("it stops")
                        .atMost(WAIT)
                        .until(() -> first.errorLines().stream().anyMatch(line -> line.contains("stopping")));
                first.terminate();

                assertThat(first.awaitExit(WAIT)).isZero();
                assertThat(first.errorLines())
                        .contains("farm up: messages that wait are lost, as its broker keeps them in memory:"
                                + " {farm.tasks=2}");
                assertHasEnded(waiting);
            }
        }
        try (var second = up()) {
            awaitReady(second);
            second.kill();
            second.awaitExit(WAIT);
            for (var command : List.of(List.of("square", "2"), List.of("status"), List.of("value", "x"))) {
                try (var producer = producer(command.toArray(String[]::new))) {
                    assertHasEnded(producer);
                    assertThat(producer.errorLines()).hasSize(1);
                }
            }
        }
    }

    private static void assertHasEnded(JavaProcess producer) throws InterruptedException {
        assertThat(producer.awaitExit(Duration.ofSeconds(20))).isEqualTo(3);
        assertThat(producer.errorLines())
                .last()
                .asString()
                .startsWith("farm producer: the farm that .farm/env names has ended");
    }

    private JavaProcess producer(String... arguments) {
        return JavaProcess.start(Map.of(), List.of("-Dfarm.home=" + home), ProducerCommand.class, arguments);
    }

    private JavaProcess up() {
        return up(Map.of());
    }

    private JavaProcess up(Map<String, String> variables) {
        return up(variables, "--workers", "1");
    }

    private JavaProcess up(Map<String, String> variables, String... flags) {
        Map<String, String> environment = new HashMap<>(variables);
        environment.put("FARM_DOWNLOAD_DIR", home.resolve("downloads").toString());
        environment.put("FARM_DOWNLOADERS", "0");
        return JavaProcess.start(
                environment,
                List.of("-Xmx256m", "-Dfarm.home=" + home),
                FarmCommand.class,
                Stream.concat(Stream.of("up"), Stream.of(flags)).toArray(String[]::new));
    }

    private static void awaitReady(JavaProcess up) {
        await("the farm")
                .atMost(WAIT)
                .until(() -> up.errorLines().stream().anyMatch(line -> line.contains("are ready")));
    }
}
