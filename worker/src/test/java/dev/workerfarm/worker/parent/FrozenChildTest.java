package dev.workerfarm.worker.parent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.worker.config.Lane;
import dev.workerfarm.worker.config.WorkerSettings;
import dev.workerfarm.worker.link.DeathReport;
import dev.workerfarm.worker.link.DeathReport.Running;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A child that SIGSTOP has frozen: with real processes, which have no lane, and a parent whose heart beats fast. */
@Timeout(60)
class FrozenChildTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration BEAT = Duration.ofMillis(200);

    private final HttpClient client = HttpClient.newHttpClient();
    private int port;
    private WorkerParent parent;

    @TempDir
    private Path folder;

    @BeforeEach
    void start() throws Exception {
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        var config = WorkerSettings.from(Map.of(
                "FARM_PROCESSES",
                "2",
                "FARM_DOWNLOADERS",
                "0",
                "FARM_METRICS_PORT",
                String.valueOf(port),
                "FARM_DOWNLOAD_DIR",
                folder.toString(),
                "FARM_DRAIN",
                "5s"));
        parent = new WorkerParent(config, health(), FrozenChildTest::child, failure -> {}, BEAT);
        assertThat(parent.awaitReady(SOON)).isTrue();
        await("the first answers").atMost(SOON).until(() -> Files.exists(health()));
    }

    @AfterEach
    void close() {
        parent.close();
    }

    @Test
    void itIsSeenKilledAndReplacedAndItsSiblingIsReplacedMeanwhile() throws Exception {
        var frozen = parent.keepers.get(0);
        var pid = frozen.pid();
        awaitAnswers();
        signal("STOP", pid);
        // More than its pipe takes: each report has up to 9 kB.
        for (int i = 0; i < 50; i++) {
            parent.reportDeath(report(i));
        }
        var sibling = parent.keepers.get(1);
        var dead = sibling.pid();
        signal("KILL", dead);
        await("a start, though the frozen one reads nothing")
                .atMost(Duration.ofSeconds(5))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> sibling.pid() != dead && sibling.pid() != 0);
        assertThat(frozen.pid()).isEqualTo(pid);
        assertThat(get("/metrics")).contains("workerfarm_build_info");

        await("the health page says so")
                .atMost(SOON)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> get("/healthz").contains("cpu-1 (does not answer)"));
        assertThat(health()).doesNotExist();

        await("a replacement").atMost(SOON).until(() -> parent.awaitReady(Duration.ZERO));
        assertThat(frozen.pid()).isNotEqualTo(pid);
        assertThat(ProcessHandle.of(pid)).isEmpty();
        assertThat(get("/healthz")).isEqualTo("ready\n");
        await().atMost(SOON).until(() -> Files.exists(health()));
    }

    @Test
    void onceItGoesOnInTimeItStays() throws Exception {
        var frozen = parent.keepers.get(0);
        var pid = frozen.pid();
        awaitAnswers();
        signal("STOP", pid);
        await("that it is late").atMost(SOON).pollInterval(Duration.ofMillis(5)).until(frozen::isSilent);
        signal("CONT", pid);

        await("that it answers").atMost(SOON).until(() -> parent.awaitReady(Duration.ZERO));
        assertThat(frozen.pid()).isEqualTo(pid);
        assertThat(get("/healthz")).isEqualTo("ready\n");
    }

    /** A child that has never answered is not expected to. */
    private void awaitAnswers() {
        await("answers").atMost(SOON).until(() -> get("/metrics").contains("workerfarm_processes_unresponsive 0"));
        var rounds = new int[1];
        await().atMost(SOON).pollInterval(BEAT).until(() -> ++rounds[0] > 2);
    }

    private static DeathReport report(int number) {
        var ran = new Running(new TaskRun("id-" + number, 0, 0), "square", "farm.tasks", 0);
        return new DeathReport("dead-" + number, 137, List.of(ran), Collections.nCopies(40, "x".repeat(200)));
    }

    private Path health() {
        return folder.resolve("healthy");
    }

    private String get(String path) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(5))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    private static void signal(String name, long pid) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + name, String.valueOf(pid))
                        .start()
                        .waitFor())
                .isZero();
    }

    private static ChildProcess child(Lane lane, String name, Consumer<String> control) throws IOException {
        var command = ChildCommand.ofThisJvm(List.of(), StubChild.class.getName(), List.of());
        return new ChildProcess(command, lane, name, List.of("-Xmx32m"), Map.of(), line -> {}, control);
    }
}
