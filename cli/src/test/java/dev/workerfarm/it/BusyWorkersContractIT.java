package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.pool.Pool;
import dev.workerfarm.status.StatusClient;
import dev.workerfarm.testkit.CliRun;
import dev.workerfarm.testkit.GatedReport;
import dev.workerfarm.testkit.TestFarm;
import dev.workerfarm.worker.Worker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Workers that are all in a long task, so that none of them is a consumer, on whatever broker this run has. */
@Timeout(60)
class BusyWorkersContractIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private static Path jars;

    private static TestFarm farm;
    private static Worker workers;
    private static Pool pool;

    @TempDir
    private Path scratch;

    @BeforeAll
    static void start() {
        GatedReport.jar().writeTo(jars.resolve("reports.jar"));
        farm = TestFarm.onSharedServices(BusyWorkersContractIT.class);
        workers = farm.startWorkers(2, 0, Map.of("FARM_TASKS", jars.toString()));
        pool = farm.connect();
    }

    @AfterAll
    static void stop() {
        pool.terminate();
        workers.close();
        farm.close();
    }

    @Test
    void noCommandSaysThatNobodyWorksAndNoneOfTheirMessagesCountsAsWaiting() throws Exception {
        var gate = scratch.resolve("gate");
        var tasks = pool.task(GatedReport.TYPE.name()).queue(farm.tasks());
        var running = List.of(
                tasks.applyAsync(scratch.resolve("mark").toString(), gate.toString()),
                tasks.applyAsync(scratch.resolve("mark").toString(), gate.toString()));
        await("no consumer").atMost(SOON).until(() -> tasks.workers() == 0);

        try (var client = StatusClient.connect(farm.broker(), farm.names(), null)) {
            assertThat(client.hasWorker(farm.tasks(), SOON)).isTrue();
            var status = client.ask(SOON);
            assertThat(status.workers())
                    .hasSize(2)
                    .allMatch(worker -> !worker.running().isEmpty());
            assertThat(status.queues())
                    .filteredOn(queue -> queue.name().equals(farm.tasks()))
                    .singleElement()
                    .satisfies(queue -> assertThat(queue.ready()).isZero());
        }
        assertThat(CliRun.of(farm.environment(), "status").out())
                .contains(GatedReport.TYPE.name())
                .doesNotContain("no worker consumes");
        assertThat(CliRun.of(farm.environment(), "run", "--detach", "square", "3"))
                .satisfies(run -> assertThat(run.err()).isEmpty())
                .satisfies(run -> assertThat(run.code()).isZero());

        Files.createFile(gate);
        assertThat(running).allSatisfy(call -> assertThat(call.get(SOON)).isEqualTo(1L));
    }

    @Test
    void aFarmWithoutAWorkerSaysSoAtOnce() throws Exception {
        var other = farm.environment("FARM_NAMESPACE", farm.names().namespace() + "-other");
        var since = System.nanoTime();

        var status = CliRun.of(other, "status", "--timeout", "30s");

        assertThat(status.out()).contains("no worker consumes");
        assertThat(Duration.ofNanos(System.nanoTime() - since)).isLessThan(SOON);
        farm.onBroker(channel -> {
            channel.exchangeDelete(other.get("FARM_NAMESPACE") + ".control");
            return true;
        });
    }
}
