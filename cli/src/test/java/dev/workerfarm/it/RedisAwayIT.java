package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.lab.node.PrivateRedis;
import dev.workerfarm.pool.AsyncResult;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.pool.TaskCall;
import dev.workerfarm.status.StatusClient;
import dev.workerfarm.task.Square;
import dev.workerfarm.task.TaskQueue;
import dev.workerfarm.task.UpdateValue;
import dev.workerfarm.testkit.Begins;
import dev.workerfarm.testkit.CliRun;
import dev.workerfarm.testkit.GatedCount;
import dev.workerfarm.testkit.GatedRead;
import dev.workerfarm.testkit.PrivateFarm;
import dev.workerfarm.testkit.Proof;
import dev.workerfarm.testkit.TestFarm;
import dev.workerfarm.worker.Worker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.Jedis;

/**
 * One process, whose Redis is away in each way that there is: its tasks with shared state wait, and it answers the others. Then
 * Redis is back, and each effect counts once.
 */
@Timeout(120)
class RedisAwayIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration AT_ONCE = Duration.ofSeconds(2);

    @RegisterExtension
    private static final PrivateFarm PRIVATE = PrivateFarm.withWorkers(1, 0);

    /** Ways to be away, and back. */
    enum Trouble {
        STOPPED {
            @Override
            void begin(PrivateRedis redis) {
                redis.stop();
            }

            @Override
            void end(PrivateRedis redis) {
                redis.startAgain();
            }
        },
        FROZEN {
            @Override
            void begin(PrivateRedis redis) {
                redis.freeze();
            }

            @Override
            void end(PrivateRedis redis) {
                redis.thaw();
            }
        },
        AT_MAXMEMORY {
            @Override
            void begin(PrivateRedis redis) {
                with(redis, admin -> admin.configSet("maxmemory", "1"));
            }

            @Override
            void end(PrivateRedis redis) {
                with(redis, admin -> admin.configSet("maxmemory", "0"));
            }
        },
        WITHOUT_REPLICAS {
            @Override
            void begin(PrivateRedis redis) {
                with(redis, admin -> admin.configSet("min-replicas-to-write", "1"));
            }

            @Override
            void end(PrivateRedis redis) {
                with(redis, admin -> admin.configSet("min-replicas-to-write", "0"));
            }
        },
        /** Its disk takes no snapshot, so it refuses writes (MISCONF). */
        WITHOUT_SNAPSHOTS {
            @Override
            void begin(PrivateRedis redis) {
                with(redis, admin -> {
                    try {
                        Files.createDirectory(snapshot(admin));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    admin.configSet("save", "3600 1");
                    admin.bgsave();
                    await("the snapshot fails")
                            .atMost(SOON)
                            .until(() -> admin.info("persistence").contains("rdb_last_bgsave_status:err"));
                });
            }

            @Override
            void end(PrivateRedis redis) {
                with(redis, admin -> {
                    admin.configSet("save", "");
                    try {
                        Files.delete(snapshot(admin));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
            }

            private Path snapshot(Jedis admin) {
                return Path.of(admin.configGet("dir").get("dir"), "dump.rdb");
            }
        },
        REPLICA {
            @Override
            void begin(PrivateRedis redis) {
                with(redis, admin -> admin.replicaof("127.0.0.1", 1));
            }

            @Override
            void end(PrivateRedis redis) {
                with(redis, Jedis::replicaofNoOne);
            }
        },
        WITHOUT_HSET {
            @Override
            void begin(PrivateRedis redis) {
                with(redis, admin -> admin.aclSetUser("default", "-hset"));
            }

            @Override
            void end(PrivateRedis redis) {
                with(redis, admin -> admin.aclSetUser("default", "+hset"));
            }
        };

        abstract void begin(PrivateRedis redis);

        abstract void end(PrivateRedis redis);

        private static void with(PrivateRedis redis, Consumer<Jedis> action) {
            try (var admin = new Jedis(URI.create(redis.url()))) {
                action.accept(admin);
            }
        }
    }

    @TempDir
    private Path folder;

    private PrivateRedis redis;
    private TestFarm farm;
    private Pool pool;
    private List<Long> processes;

    @BeforeEach
    void connect() {
        redis = PRIVATE.redis();
        farm = PRIVATE.farm();
        pool = farm.connect();
        processes = PRIVATE.workers().pids();
    }

    @AfterEach
    void sameProcessesAndNoDeadLetters() throws Exception {
        pool.terminate();
        assertThat(PRIVATE.workers().pids()).isEqualTo(processes);
        assertThat(farm.waiting(farm.dead())).as("dead letters").isZero();
    }

    @Proof
    @ParameterizedTest
    @EnumSource(
            value = Trouble.class,
            names = {"WITHOUT_REPLICAS", "WITHOUT_SNAPSHOTS", "REPLICA", "WITHOUT_HSET"})
    void soTheyDoWhateverRedisRefuses(Trouble trouble) throws Exception {
        tasksWithSharedStateWaitAndTheSameProcessAnswersTheOthers(trouble);
    }

    @ParameterizedTest
    @EnumSource(
            value = Trouble.class,
            names = {"STOPPED", "FROZEN", "AT_MAXMEMORY"})
    void tasksWithSharedStateWaitAndTheSameProcessAnswersTheOthers(Trouble trouble) throws Exception {
        var name = trouble.name();
        trouble.begin(redis);
        List<AsyncResult<Number>> updates;
        try {
            updates = IntStream.range(0, 40)
                    .mapToObj(i -> pool.applyAsync(UpdateValue.TYPE, name, 1))
                    .toList();
            assertThat(pool.applyAsync(Square.TYPE, 3).get(SOON)).isEqualTo(9L); // behind all of them
            for (int i = 0; i < 3; i++) {
                assertThat(pool.applyAsync(Square.TYPE, i).get(AT_ONCE)).isEqualTo((long) i * i);
            }
            assertThat(updates).noneMatch(AsyncResult::ready);
            try (var status = StatusClient.connect(farm.broker(), farm.names(), null)) {
                var worker = status.ask(Duration.ofSeconds(1)).workers().get(0);
                assertThat(worker.troubles().get(0))
                        .contains("Redis is away for ", "Redis at 127.0.0.1", "messages wait");
                assertThat(worker.waiting()).isEqualTo(40);
            }
            assertThat(CliRun.of(farm.environment(), "status").out())
                    .contains("Redis is away for ", "40 messages wait");
        } finally {
            trouble.end(redis);
        }
        assertThat(updates.stream().map(update -> update.get(SOON).intValue()))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.rangeClosed(1, 40).boxed().toList());
        try (var shared = farm.shared()) {
            assertThat(shared.value(name).get()).isEqualTo(40L);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Trouble.class,
            names = {"STOPPED", "FROZEN", "AT_MAXMEMORY"})
    void whatHasRunWaitsWithItsOutcomeAndDoesNotRunAgain(Trouble trouble) throws Exception {
        var name = "ran-" + trouble;
        var mark = folder.resolve("mark");
        var gate = folder.resolve("gate");
        var arguments = new GatedCount.Arguments(name, mark.toString(), gate.toString());
        var counted = pool.task(GatedCount.TYPE).chunkSize(3).mapAsync(Collections.nCopies(3, arguments));
        await("it runs").atMost(SOON).until(() -> Files.exists(mark));
        trouble.begin(redis);
        try {
            Files.createFile(gate);
            for (int i = 0; i < 3; i++) {
                assertThat(pool.applyAsync(Square.TYPE, i).get(SOON)).isEqualTo((long) i * i);
            }
            assertThat(counted.ready()).isFalse();
            assertThat(CliRun.of(farm.environment(), "status").out())
                    .contains("1 messages wait, 1 of them have outcomes");
        } finally {
            trouble.end(redis);
        }
        assertThat(counted.get(SOON)).hasSize(3);
        assertThat(Begins.of(mark)).as("begins").hasSize(3);
        try (var shared = farm.shared()) {
            assertThat(shared.value(name).get()).isEqualTo(3L);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Trouble.class,
            names = {"STOPPED", "FROZEN"})
    void aReadEndsAndItsTaskRunsAgainWithoutSpendingAnAttempt(Trouble trouble) throws Exception {
        var name = "read-" + trouble;
        var mark = folder.resolve("mark");
        var gate = folder.resolve("gate");
        var reads =
                pool.task(GatedRead.TYPE).callAsync(new GatedRead.Arguments(name, mark.toString(), gate.toString()));
        await("it runs").atMost(SOON).until(() -> Files.exists(mark));
        trouble.begin(redis);
        try {
            Files.createFile(gate);
            assertThat(pool.applyAsync(Square.TYPE, 5).get(Duration.ofSeconds(4)))
                    .isEqualTo(25L);
            assertThat(pool.applyAsync(Square.TYPE, 6).get(AT_ONCE)).isEqualTo(36L);
        } finally {
            trouble.end(redis);
        }
        assertThat(reads.get(SOON)).as("attempt").isZero();
        assertThat(Begins.of(mark)).as("begins").hasSize(2);
        try (var shared = farm.shared()) {
            assertThat(shared.value(name).get()).isEqualTo(1L);
        }
    }

    /** In a lane of two at a time, and so long that the broker's patience ends meanwhile. */
    @Test
    void inEveryLaneSharedStateWaitsAsLongAsItTakes() throws Exception {
        onLaneOfTwo("2s", (lanes, update, square) -> {
            redis.freeze();
            var since = System.nanoTime();
            List<AsyncResult<Number>> updates;
            try {
                updates = IntStream.range(0, 10)
                        .mapToObj(i -> update.applyAsync("lane", 1))
                        .toList();
                for (int i = 0; i < 5; i++) {
                    assertThat(square.applyAsync(i).get(SOON)).isEqualTo((long) i * i);
                }
                await("handed over")
                        .until(() -> System.nanoTime() - since
                                > Duration.ofSeconds(3).toNanos());
                assertThat(square.applyAsync(7).get(AT_ONCE)).isEqualTo(49L);
            } finally {
                redis.thaw();
            }
            assertThat(updates.stream().map(each -> each.get(SOON).intValue()))
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.rangeClosed(1, 10).boxed().toList());
        });
    }

    @Test
    void aStopGivesBackWhatWaitsForRedisAndDoesNotWaitForItself() throws Exception {
        onLaneOfTwo("30m", (lanes, update, square) -> {
            redis.freeze();
            try {
                update.applyAsync("stop", 1);
                assertThat(square.applyAsync(8).get(SOON)).isEqualTo(64L);
                var since = System.nanoTime();
                lanes.close();
                assertThat(Duration.ofNanos(System.nanoTime() - since)).isLessThan(Duration.ofSeconds(10));
                assertThat(waitingInLane()).as("given back").isEqualTo(1);
            } finally {
                redis.thaw();
            }
        });
    }

    private long waitingInLane() {
        return PRIVATE.rabbitMq()
                .ctl("list_queues", "name", "messages_ready")
                .lines()
                .filter(line -> line.matches(".*\\.mixed\t1"))
                .count();
    }

    private interface OnLane {
        void run(Worker lanes, TaskCall<UpdateValue, Number> update, TaskCall<?, Number> square) throws Exception;
    }

    /** On a farm of its own on the same nodes, with a process that runs two tasks of a queue at a time. */
    private void onLaneOfTwo(String consumerTimeout, OnLane test) throws Exception {
        var other = TestFarm.on(PRIVATE.rabbitMq().url(), redis.url(), GatedRead.class);
        var queue = other.names().of(TaskQueue.named("mixed", 2));
        var variables = Map.of("FARM_LANES", "mixed:2", "FARM_CONSUMER_TIMEOUT", consumerTimeout);
        try (other;
                var lanes = other.startWorkers(0, 0, variables);
                var calls = other.connect()) {
            test.run(
                    lanes,
                    calls.task(UpdateValue.TYPE).queue(queue),
                    calls.task(Square.TYPE).queue(queue));
            calls.terminate();
        }
    }

    @Proof
    @Test
    void afterKillsEveryKeyButTheUsersOwnHasATimeToLive() throws Exception {
        var count = 400;
        var updates = IntStream.range(0, count)
                .mapToObj(i -> pool.applyAsync(UpdateValue.TYPE, "kills", 1))
                .toList();
        try (var shared = farm.shared()) {
            for (int kill = 1; kill <= 3; kill++) {
                var done = (long) count * kill / 4;
                await(kill + " quarters of the work")
                        .atMost(SOON)
                        .until(() -> shared.value("kills").getLong() >= done);
                var pid = PRIVATE.workers().pids().get(0);
                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
                await("another")
                        .atMost(SOON)
                        .until(() -> !PRIVATE.workers().pids().contains(pid));
            }
            updates.forEach(update -> update.get(SOON));
            assertThat(shared.value("kills").get()).isEqualTo((long) count);
        }
        processes = PRIVATE.workers().pids();
        assertThat(keysWithoutTimeToLive()).allMatch(key -> key.contains("}:value:"));
    }

    private Set<String> keysWithoutTimeToLive() throws IOException {
        try (var admin = new Jedis(URI.create(redis.url()))) {
            var keys = admin.keys("{" + farm.names().namespace() + "}:*");
            assertThat(keys).anyMatch(key -> key.contains("}:task:"));
            keys.removeIf(key -> admin.ttl(key) >= 0);
            return keys;
        }
    }
}
