package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.cli.ProducerCommand;
import dev.workerfarm.json.Json;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.status.FarmStatus;
import dev.workerfarm.status.QueueStatus;
import dev.workerfarm.status.StatusClient;
import dev.workerfarm.task.Square;
import dev.workerfarm.testkit.MarkedSleep;
import dev.workerfarm.testkit.TestFarm;
import dev.workerfarm.wire.control.WorkerStatus;
import dev.workerfarm.worker.Worker;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a farm says of itself, on whatever broker this run has. */
@Timeout(60)
class StatusContractIT {
    private static final Duration WAIT = Duration.ofSeconds(10);

    private static TestFarm farm;
    private static Worker workers;
    private static Pool pool;
    private static StatusClient client;

    @TempDir
    private Path scratch;

    @BeforeAll
    static void start() {
        farm = TestFarm.onSharedServices(StatusContractIT.class);
        workers = farm.startWorkers(2, 1);
        pool = farm.connect();
        client = StatusClient.connect(farm.broker(), farm.names(), null);
    }

    @AfterAll
    static void stop() {
        client.close();
        pool.terminate();
        workers.close();
        farm.close();
    }

    @Test
    void everyProcessAnswersForItself() throws Exception {
        var status = client.ask(WAIT);

        assertThat(status.consuming()).isEqualTo(3);
        assertThat(status.workers()).extracting(WorkerStatus::lane).containsExactlyInAnyOrder("cpu", "cpu", "io");
        assertThat(status.workers()).allSatisfy(worker -> {
            assertThat(worker.worker()).endsWith("@" + worker.host() + "." + pidOf(worker));
            assertThat(workers.pids()).contains(pidOf(worker));
            assertThat(System.currentTimeMillis() - worker.sinceMillis()).isBetween(0L, 600_000L);
        });
        assertThat(queue(status, farm.tasks()).consumers()).isEqualTo(2);
        assertThat(queue(status, farm.dead()).ready()).isNotNull();
    }

    @Test
    void thoseWhoHaveAllAnsweredAreEnoughHoweverLongTheWait() throws Exception {
        assertThat(client.ask(Duration.ofSeconds(Long.MAX_VALUE)).workers()).hasSize(3);
    }

    @Test
    void whatRunsIsNamedAndWhatEndedIsCounted() throws Exception {
        var mark = scratch.resolve("begun");
        var sleeping = pool.applyAsync(MarkedSleep.TYPE, mark.toString(), 1_500, "done");
        await("the task").atMost(WAIT).until(() -> Files.exists(mark));

        var running = client.ask(WAIT).workers().stream()
                .flatMap(worker -> worker.running().stream())
                .toList();
        assertThat(running).extracting(WorkerStatus.Running::id).containsExactly(sleeping.id());
        assertThat(running).extracting(WorkerStatus.Running::task).containsExactly(MarkedSleep.TYPE.name());
        assertThat(client.ask(WAIT).workers())
                .allSatisfy(worker -> assertThat(worker.unacked()).containsOnlyKeys(worker.queues()))
                .extracting(worker -> worker.unacked().getOrDefault(farm.tasks(), 0))
                .as("the one that runs it has not acked it")
                .containsExactlyInAnyOrder(1, 0, 0);

        sleeping.join();
        var before = ended(client.ask(WAIT), WorkerStatus::succeeded);
        var failedBefore = ended(client.ask(WAIT), WorkerStatus::failed);
        pool.map(Square.TYPE, IntStream.range(0, 100).boxed().toList());
        pool.task(Square.TYPE).outcomes(List.of("x", "y", 3)).toList();
        assertThat(ended(client.ask(WAIT), WorkerStatus::succeeded)).isEqualTo(before + 101);
        assertThat(ended(client.ask(WAIT), WorkerStatus::failed)).isEqualTo(failedBefore + 2);
    }

    @Test
    void theCommandShowsTablesOrJson() {
        var tables = producer("status");
        assertThat(tables).containsPattern("cpu-1@\\S+ +cpu ");
        assertThat(tables).containsPattern("io-1@\\S+ +io ");
        assertThat(tables).containsPattern(farm.tasks() + " +\\d+ ");

        assertThat(Json.read(producer("status", "--json").strip())).isInstanceOfSatisfying(Map.class, status -> {
            assertThat((List<?>) status.get("workers")).hasSize(3);
            assertThat((List<?>) status.get("queues")).hasSize(3);
        });
    }

    private static String producer(String... args) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var code = ProducerCommand.run(
                args, farm.environment(), InputStream.nullInputStream(), printer(out), printer(err));
        assertThat(code).as(err.toString(StandardCharsets.UTF_8)).isZero();
        return out.toString(StandardCharsets.UTF_8);
    }

    private static PrintStream printer(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private static long pidOf(WorkerStatus worker) {
        return Long.parseLong(worker.worker().substring(worker.worker().lastIndexOf('.') + 1));
    }

    private static QueueStatus queue(FarmStatus status, String name) {
        return status.queues().stream()
                .filter(queue -> queue.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static long ended(FarmStatus status, java.util.function.ToLongFunction<WorkerStatus> count) {
        return status.workers().stream().mapToLong(count).sum();
    }
}
