package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.cli.WorkerCommand;
import dev.workerfarm.pool.AsyncResult;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.task.Square;
import dev.workerfarm.testkit.JavaProcess;
import dev.workerfarm.testkit.MarkedSleep;
import dev.workerfarm.testkit.TestFarm;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How a worker ends, and what becomes of its tasks: {@code farm worker} in a JVM of its own, signalled and killed. */
@Timeout(90)
class WorkerStopIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String[] ONE_PROCESS = {"--processes", "1", "--downloaders", "0"};

    private static TestFarm farm;
    private Pool pool;

    @TempDir
    private Path folder;

    @BeforeAll
    static void makeFarm() {
        farm = TestFarm.onSharedServices(WorkerStopIT.class);
    }

    @BeforeEach
    void connect() throws Exception {
        pool = farm.connect();
        farm.onBroker(channel -> channel.queuePurge(farm.tasks()));
    }

    @AfterEach
    void disconnect() {
        pool.close();
    }

    @AfterAll
    static void removeFarm() {
        farm.close();
    }

    @Test
    void onSigtermItFinishesWhatRunsAndGivesBackTheRest() throws Exception {
        AsyncResult<Object> running;
        List<AsyncResult<Number>> others;
        try (var worker = startWorker(Map.of())) {
            running = applySleep(2_000);
            awaitRunning();
            others = IntStream.range(0, 5)
                    .mapToObj(n -> pool.applyAsync(Square.TYPE, n))
                    .toList();

            worker.terminate();

            assertThat(worker.awaitExit(SOON)).isZero();
            assertThat(running.get(Duration.ofSeconds(5))).isEqualTo("awake");
            assertThat(others).noneMatch(AsyncResult::ready);
            assertThat(farm.waiting(farm.tasks())).isEqualTo(5);
            assertThat(worker.descendants()).isEmpty();
        }
        try (var another = startWorker(Map.of())) {
            for (int n = 0; n < 5; n++) {
                assertThat(others.get(n).get(SOON)).isEqualTo((long) n * n);
            }
            another.terminate();
            assertThat(another.awaitExit(SOON)).isZero();
        }
    }

    @Test
    void aTaskThatOutlivesTheDrainTimeGoesBackToTheQueue() throws Exception {
        try (var worker = startWorker(Map.of("FARM_DRAIN", "500ms"))) {
            var sleeping = applySleep(60_000);
            awaitRunning();

            worker.terminate();

            assertThat(worker.awaitExit(Duration.ofSeconds(10))).isZero();
            assertThat(worker.errorLines()).anyMatch(line -> line.contains("giving back what still runs"));
            awaitWaiting(1);
            assertThat(sleeping.ready()).isFalse();
        }
    }

    @Test
    void aSecondSigtermHurries() throws Exception {
        try (var worker = startWorker(Map.of("FARM_DRAIN", "1h"))) {
            var sleeping = applySleep(60_000);
            awaitRunning();

            worker.terminate();
            awaitLine(worker, "stopping worker=");
            worker.terminate();

            assertThat(worker.awaitExit(Duration.ofSeconds(10))).isZero();
            awaitWaiting(1);
            assertThat(sleeping.ready()).isFalse();
        }
    }

    @Test
    void signalsOnTopOfEachOtherDoNotSayThatIdleProcessesGiveSomethingBack() throws Exception {
        var downloads = farm.environment().get("FARM_NAMESPACE") + ".downloads";
        try (var worker = startWorker(Map.of(), "--processes", "1", "--downloaders", "4")) {
            await("all consume")
                    .atMost(SOON)
                    .until(() -> pool.task("any").queue(downloads).workers() == 4);
            var children = worker.descendants();
            assertThat(children).hasSize(5);

            worker.terminate();
            for (int i = 0; i < 1_000; i++) { // as with a whole process group; one of them while the first is obeyed
                children.forEach(ProcessHandle::destroy);
            }

            assertThat(worker.awaitExit(SOON)).isZero();
            assertThat(worker.errorLines())
                    .anyMatch(line -> line.contains("stopped worker=io-1"))
                    .noneMatch(line -> line.contains("giving back"));
        }
    }

    @Test
    void aKilledParentLeavesNoChildren() throws Exception {
        try (var worker = startWorker(Map.of())) {
            var sleeping = applySleep(60_000);
            awaitRunning();
            var children = worker.descendants();
            assertThat(children).hasSize(1);

            worker.kill();

            await().atMost(Duration.ofSeconds(10)).until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
            awaitWaiting(1);
            assertThat(sleeping.ready()).isFalse();
        }
    }

    @Test
    void aKilledChildIsReplacedAndItsTaskAnswered() throws Exception {
        try (var worker = startWorker(Map.of())) {
            var sleeping = applySleep(1_500);
            awaitRunning();
            var child = worker.descendants().get(0);

            child.destroyForcibly();

            assertThat(sleeping.get(SOON)).isEqualTo("awake");
            assertThat(worker.descendants()).hasSize(1).doesNotContain(child);
            assertThat(worker.errorLines())
                    .anyMatch(line -> line.contains("process died, replacing it") && line.contains("signal=9"));
        }
    }

    @Test
    void anUnreachableBrokerIsOneLineAndExitCodeThree() throws Exception {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        var environment = farm.environment("FARM_AMQP_URL", "amqp://guest:secret@127.0.0.1:" + port + "/");
        try (var worker = JavaProcess.start(environment, WorkerCommand.class, ONE_PROCESS)) {
            assertThat(worker.awaitExit(Duration.ofSeconds(10))).isEqualTo(3);
            assertThat(worker.errorLines())
                    .singleElement()
                    .satisfies(line -> assertThat(line)
                            .startsWith("farm worker: ")
                            .contains("127.0.0.1:" + port)
                            .doesNotContain("secret"));
        }
    }

    @Test
    void aBadVariableIsOneLineAndExitCodeTwo() throws Exception {
        for (var bad : List.of(
                Map.entry("FARM_AMQP_URL", "http://broker"),
                Map.entry("FARM_DRAIN", "soon"),
                Map.entry("FARM_NAMESPACE", "a b"),
                Map.entry("FARM_METRICS_PORT", "tcp://10.0.0.1:9464"),
                Map.entry("FARM_LOG_FORMAT", "xml"),
                Map.entry("FARM_DOWNLOAD_CONCURRENCY", "0"))) {
            var environment = farm.environment(bad.getKey(), bad.getValue());
            try (var worker = JavaProcess.start(environment, WorkerCommand.class, ONE_PROCESS)) {
                assertThat(worker.awaitExit(SOON)).as(bad.toString()).isEqualTo(2);
                assertThat(worker.errorLines())
                        .singleElement()
                        .satisfies(line ->
                                assertThat(line).startsWith("farm worker: ").contains(bad.getKey()));
            }
        }
    }

    private JavaProcess startWorker(Map<String, String> variables) {
        return startWorker(variables, ONE_PROCESS);
    }

    private JavaProcess startWorker(Map<String, String> variables, String... arguments) {
        Map<String, String> environment = new HashMap<>(farm.environment());
        environment.putAll(variables);
        var worker = JavaProcess.start(environment, WorkerCommand.class, arguments);
        try {
            await("a worker that consumes")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> pool.task("any").queue(farm.tasks()).workers() == 1);
            return worker;
        } catch (RuntimeException e) {
            System.err.println(String.join("\n", worker.errorLines()));
            worker.close();
            throw e;
        }
    }

    private void awaitRunning() {
        await("the task runs").atMost(SOON).until(() -> Files.exists(mark()));
    }

    /** A task that says when it runs. */
    private AsyncResult<Object> applySleep(long ms) {
        return pool.applyAsync(MarkedSleep.TYPE, mark().toString(), ms, "awake");
    }

    private Path mark() {
        return folder.resolve("running");
    }

    private static void awaitWaiting(int messages) {
        await("messages back in the queue").atMost(SOON).until(() -> farm.waiting(farm.tasks()) == messages);
    }

    private static void awaitLine(JavaProcess process, String text) {
        await("a line with " + text)
                .atMost(SOON)
                .until(() -> process.errorLines().stream().anyMatch(line -> line.contains(text)));
    }
}
