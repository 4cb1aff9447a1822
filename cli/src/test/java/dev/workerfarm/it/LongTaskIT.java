package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.workerfarm.cli.WorkerCommand;
import dev.workerfarm.lab.node.PrivateRabbitMq;
import dev.workerfarm.lab.node.PrivateRedis;
import dev.workerfarm.lab.node.RabbitMqNode;
import dev.workerfarm.pool.AsyncResult;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.task.Square;
import dev.workerfarm.task.TaskQueue;
import dev.workerfarm.testkit.Begins;
import dev.workerfarm.testkit.GatedCount;
import dev.workerfarm.testkit.JavaProcess;
import dev.workerfarm.testkit.Proof;
import dev.workerfarm.testkit.Services;
import dev.workerfarm.testkit.TestFarm;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/** Tasks longer than the broker's patience with a consumer, on a broker that has little of it. */
@Timeout(120)
@Proof
class LongTaskIT {
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    /** Before half of that a task is handed over to its first copy. */
    private static final Duration HANDED_OVER = PATIENCE.multipliedBy(3).dividedBy(4);

    private static final Map<String, String> TOLD = Map.of("FARM_CONSUMER_TIMEOUT", PATIENCE.toSeconds() + "s");
    private static final Duration SOON = Duration.ofSeconds(30);

    private static RabbitMqNode rabbitMq;
    private static PrivateRedis redis;
    private static TestFarm farm;

    @TempDir
    private Path folder;

    private Pool pool;
    private RedisSharedState shared;

    @BeforeAll
    static void start() {
        assumeTrue(
                PrivateRabbitMq.isInstalled() && PrivateRedis.isInstalled(),
                "no rabbitmq-server or redis-server installed on this machine, so none can be made impatient");
        rabbitMq = Services.ownRabbitMq();
        // It looks once a minute by itself.
        rabbitMq.ctl("eval", """
                application:set_env(rabbit, consumer_timeout, %d),
                application:set_env(rabbit, channel_tick_interval, 200).""".formatted(PATIENCE.toMillis()));
        redis = PrivateRedis.start();
        farm = TestFarm.on(rabbitMq.url(), redis.url(), LongTaskIT.class);
    }

    @AfterAll
    static void stop() {
        if (redis != null) {
            redis.close();
        }
        if (rabbitMq != null) {
            rabbitMq.close();
        }
    }

    @BeforeEach
    void connect() {
        pool = farm.connect();
        shared = farm.shared();
    }

    @AfterEach
    void close() {
        pool.terminate();
        shared.close();
    }

    @Test
    void aTaskThatIsNotHandedOverIsRunAgain() throws Exception {
        try (var workers = farm.startWorkers(2, 0, Map.of("FARM_CONSUMER_TIMEOUT", "off"))) {
            assertThat(workers.pids()).hasSize(2);
            var longTask = begin("untold");

            await("it runs again").atMost(SOON).until(() -> begins("untold").size() == 2);
            open();

            assertThat(longTask.get(SOON)).isEqualTo(longTask.id());
            assertThat(shared.value("untold").get()).isEqualTo(1L);
        }
    }

    @Test
    void tasksLongerThanTwoTimeoutsRunOnceInBothLanesAndWhatWaitsBehindThemIsGivenBack() throws Exception {
        try (var workers = farm.startWorkers(1, 1, TOLD)) {
            assertThat(workers.pids()).hasSize(2);
            var calls = List.of(
                    begin("long"), beginDownload("download1"), beginDownload("download2"), beginDownload("download3"));
            var behind = pool.applyAsync(Square.TYPE, 7);

            holdFor(PATIENCE.multipliedBy(2).plusSeconds(1));
            open();

            for (var call : calls) {
                assertThat(call.get(SOON)).isEqualTo(call.id());
            }
            assertThat(behind.get(SOON)).isEqualTo(49L);
            for (var name : List.of("long", "download1", "download2", "download3")) {
                assertThat(begins(name)).as(name).hasSize(1);
                assertThat(shared.value(name).get()).isEqualTo(1L);
            }
        }
        assertNothingIsLeft();
    }

    @Test
    void itsWorkerKilledItRunsElsewhereSoonAndTheCrashIsCharged() throws Exception {
        try (var workers = farm.startWorkers(2, 0, TOLD)) {
            var longTask = begin("killed");
            holdFor(HANDED_OVER);
            assertThat(pool.task("any").queue(farm.tasks()).workers())
                    .as("consumers: nothing is taken that would wait behind it")
                    .isEqualTo(1);
            var victim = begins("killed").get(0);
            assertThat(workers.pids()).contains(victim);
            var since = System.nanoTime();

            ProcessHandle.of(victim).orElseThrow().destroyForcibly();

            await("it runs elsewhere").atMost(SOON).until(() -> begins("killed").size() == 2);
            System.out.println("killed to running again, its copy being young: "
                    + Duration.ofNanos(System.nanoTime() - since).toMillis() + " ms");
            open();

            assertThat(longTask.get(SOON)).isEqualTo(longTask.id());
            assertThat(begins("killed")).hasSize(2);
            assertThat(shared.value("killed").get()).isEqualTo(1L);
            await("charged once, what runs is noted no more").atMost(SOON).until(() -> charges(longTask) == 1);
        }
    }

    @Test
    void itsConnectionLostItIsAnsweredAndCountsOnce() throws Exception {
        try (var workers = farm.startWorkers(2, 0, TOLD)) {
            assertThat(workers.pids()).hasSize(2);
            var longTask = begin("lost");
            holdFor(HANDED_OVER);

            rabbitMq.ctl("close_all_connections", "a test's");
            assertThat(pool.applyAsync(Square.TYPE, 7).get(SOON))
                    .as("they consume again")
                    .isEqualTo(49L);
            holdFor(HANDED_OVER);
            open();

            assertThat(longTask.get(SOON)).isEqualTo(longTask.id());
            assertThat(begins("lost")).as("runs").hasSizeLessThanOrEqualTo(2);
            assertThat(shared.value("lost").get()).isEqualTo(1L);
        }
    }

    @Test
    void stoppedTheWorkerFinishesItAndExitsWithZero() throws Exception {
        Map<String, String> environment = new HashMap<>(farm.environment("FARM_DRAIN", "60s"));
        environment.putAll(TOLD);
        try (var worker =
                JavaProcess.start(environment, WorkerCommand.class, "--processes", "1", "--downloaders", "0")) {
            var longTask = begin("drained");
            holdFor(HANDED_OVER);

            worker.terminate();
            holdFor(PATIENCE.plusSeconds(1)); // a drain may be longer than the timeout
            open();

            assertThat(longTask.get(SOON)).isEqualTo(longTask.id());
            assertThat(worker.awaitExit(SOON)).isZero();
            assertThat(begins("drained")).hasSize(1);
        }
        assertNothingIsLeft();
    }

    @Test
    void whatTheDrainDoesNotWaitForRunsElsewhere() throws Exception {
        try (var first = farm.startWorkers(1, 0, with(TOLD, "FARM_DRAIN", "0s"))) {
            var longTask = begin("undrained");
            holdFor(HANDED_OVER);
            first.stop();
            try (var second = farm.startWorkers(1, 0, TOLD)) {
                await("it runs elsewhere")
                        .atMost(SOON)
                        .until(() -> begins("undrained").size() == 2);
                assertThat(second.pids()).contains(begins("undrained").get(1));
                open();
                assertThat(longTask.get(SOON)).isEqualTo(longTask.id());
            }
            assertThat(shared.value("undrained").get()).isEqualTo(1L);
        }
    }

    private AsyncResult<String> begin(String name) {
        return begin(name, () -> pool.applyAsync(GatedCount.TYPE, arguments(name)));
    }

    private AsyncResult<String> beginDownload(String name) {
        return begin(name, () -> pool.applyAsync(GatedCount.TYPE.on(TaskQueue.DOWNLOADS), arguments(name)));
    }

    private AsyncResult<String> begin(String name, Callable<AsyncResult<String>> call) {
        try {
            var result = call.call();
            await("it runs").atMost(SOON).until(() -> begins(name).size() == 1);
            return result;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private GatedCount.Arguments arguments(String name) {
        return new GatedCount.Arguments(
                name, folder.resolve(name).toString(), folder.resolve("gate").toString());
    }

    private List<Long> begins(String name) throws IOException {
        return Begins.of(folder.resolve(name));
    }

    private void open() throws IOException {
        Files.createFile(folder.resolve("gate"));
    }

    /** That time passes is what is tested. */
    private static void holdFor(Duration duration) {
        var since = System.nanoTime();
        await().atMost(duration.plus(SOON)).until(() -> System.nanoTime() - since > duration.toNanos());
    }

    private static Map<String, String> with(Map<String, String> variables, String name, String value) {
        Map<String, String> all = new HashMap<>(variables);
        all.put(name, value);
        return all;
    }

    /** No copy that would run once more: one that nobody holds lies here, or has gone on to the queue of tasks. */
    private static void assertNothingIsLeft() throws Exception {
        var queues = rabbitMq.ctl("list_queues", "--no-table-headers", "name")
                .lines()
                .toList();
        assertThat(queues).anyMatch(queue -> queue.contains(".running."));
        for (var queue : queues) {
            if (!queue.contains(".replies.")) {
                assertThat(farm.waiting(queue)).as(queue).isZero(); // list_queues' own counts are seconds old
            }
        }
    }

    private static long charges(AsyncResult<?> message) {
        try (var client = new Jedis(URI.create(redis.url()))) {
            return client.hlen("{" + farm.environment().get("FARM_NAMESPACE") + "}:crashes:" + message.id());
        }
    }
}
