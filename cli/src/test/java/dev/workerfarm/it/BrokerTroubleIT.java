package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.error.PublishTimeoutException;
import dev.workerfarm.lab.node.PrivateRedis;
import dev.workerfarm.lab.node.RabbitMqNode;
import dev.workerfarm.pool.AsyncResult;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.status.StatusClient;
import dev.workerfarm.task.BuiltIn.Sleep;
import dev.workerfarm.task.Square;
import dev.workerfarm.task.UpdateValue;
import dev.workerfarm.testkit.Gated;
import dev.workerfarm.testkit.GatedDownload;
import dev.workerfarm.testkit.PrivateFarm;
import dev.workerfarm.testkit.Proof;
import dev.workerfarm.testkit.TestFarm;
import dev.workerfarm.worker.Worker;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/**
 * What befalls a farm: its broker restarted, killed, frozen, out of memory, its queues and channels gone, its Redis away.
 * Whatever it is, the worker processes stay and consume again, and no task is charged or given up.
 */
@Timeout(180)
class BrokerTroubleIT {
    private static final int ITEMS = 100_000;

    private static final Duration RECOVERY = Duration.ofSeconds(60);
    /** The heartbeat and 5 s more. */
    private static final Duration CONSUMING_AGAIN = Duration.ofSeconds(10);

    @RegisterExtension
    private static final PrivateFarm PRIVATE = PrivateFarm.withWorkers(2, 1);

    @TempDir
    private Path folder;

    private RabbitMqNode rabbitMq;
    private PrivateRedis redis;
    private TestFarm farm;
    private Worker workers;
    private List<Long> processes;
    private Pool pool;

    @BeforeEach
    void connect() {
        rabbitMq = PRIVATE.rabbitMq();
        redis = PRIVATE.redis();
        farm = PRIVATE.farm();
        workers = PRIVATE.workers();
        processes = workers.pids();
        pool = farm.connect();
    }

    @AfterEach
    void disconnect() throws Exception {
        pool.terminate();
        assertThat(workers.pids()).as("processes").isEqualTo(processes).hasSize(3);
        assertThat(farm.waiting(farm.dead())).as("dead letters").isZero();
        try (var client = new Jedis(URI.create(redis.url()))) {
            assertThat(client.keys("*:crashes:*")).as("charged").isEmpty();
        }
    }

    @Test
    void aMapAndLongTasksAreRightAlthoughTheBrokerRestarts() {
        // Beyond a tenth of a second a worker has changed its prefetch, and holds the task by a subscription that
        // retires.
        var sleeping = List.of(pool.applyAsync(Sleep.TYPE, 3_000, "one"), pool.applyAsync(Sleep.TYPE, 3_000, "two"));
        var items = new HeldBack<>(ITEMS, n -> n);
        var map = pool.mapAsync(Square.TYPE, items);
        awaitSince(System.nanoTime(), Duration.ofSeconds(1));

        rabbitMq.stop();
        rabbitMq.startAgain();
        items.goOn();

        assertThat(sleeping.get(0).get(RECOVERY)).isEqualTo("one");
        assertThat(sleeping.get(1).get(RECOVERY)).isEqualTo("two");
        assertThat(map.get(RECOVERY)).isEqualTo(squares());
    }

    @Test
    void mapsAreRightAlthoughTheBrokerIsKilled() throws Exception {
        var items = new HeldBack<>(ITEMS, n -> n);
        var map = pool.mapAsync(Square.TYPE, items);
        items.awaitUnderWay();
        var counted = new CountedMap(farm, pool, folder.resolve("runs"), "killed");
        counted.awaitUnderWay();

        rabbitMq.kill();
        rabbitMq.startAgain();
        assertConsumingAgain();
        items.goOn();

        assertThat(map.get(RECOVERY)).isEqualTo(squares());
        counted.assertRightAfterwards();
    }

    @Proof
    @Test
    void mapsAreRightAlthoughTheBrokerIsFrozenFor30Seconds() throws Exception {
        var items = new HeldBack<>(ITEMS, n -> n);
        var map = pool.mapAsync(Square.TYPE, items);
        items.awaitUnderWay();
        var counted = new CountedMap(farm, pool, folder.resolve("runs"), "frozen");
        counted.awaitUnderWay();

        var other = farm.connect();
        rabbitMq.freeze();
        try {
            var since = System.nanoTime();
            assertEndsAlthoughTheBrokerDoesNotRead(other);
            await("nobody consumes").atMost(Duration.ofSeconds(15)).until(() -> !workers.awaitReady(Duration.ZERO));
            awaitSince(since, Duration.ofSeconds(30));
            assertThat(workers.awaitReady(Duration.ZERO)).isFalse();
        } finally {
            rabbitMq.thaw();
        }
        assertConsumingAgain();
        items.goOn();

        assertThat(map.get(RECOVERY)).isEqualTo(squares());
        counted.assertRightAfterwards();
    }

    @Test
    void mapsAreRightAlthoughTheBrokerClosesTheChannelOfEveryConsumer() throws Exception {
        var items = new HeldBack<>(ITEMS, n -> n);
        var map = pool.mapAsync(Square.TYPE, items);
        items.awaitUnderWay();
        var counted = new CountedMap(farm, pool, folder.resolve("runs"), "channels");
        counted.awaitUnderWay();
        var before = consumerChannels();
        assertThat(before).hasSizeGreaterThanOrEqualTo(3);

        // As if the client had acked what it was never given: PRECONDITION_FAILED, by which RabbitMQ also ends a
        // consumer
        // that has not acked for too long.
        rabbitMq.ctl(
                "eval",
                "[rabbit_channel:do(proplists:get_value(channel_pid, C), {'basic.ack', 999999, false})"
                        + " || C <- rabbit_amqqueue:consumers_all(<<\"/\">>)].");

        await("the channels are gone")
                .atMost(CONSUMING_AGAIN)
                .until(() -> Collections.disjoint(consumerChannels(), before));
        assertConsumingAgain();
        items.goOn();
        assertThat(map.get(RECOVERY)).isEqualTo(squares());
        counted.assertRightAfterwards();
    }

    @Test
    void taskQueuesDeletedUnderTheirConsumersAreDeclaredAgainAndWhatRunsIsAnswered() throws Exception {
        var gate = folder.resolve("gate");
        var running = gated(gate, "answered");

        for (var queue : List.of(farm.tasks(), farm.downloads())) {
            farm.onBroker(channel -> channel.queueDelete(queue));
        }

        assertConsumingAgain();
        Files.createFile(gate);
        assertThat(running.get(RECOVERY)).isEqualTo("answered");
        pool.applyAsync(GatedDownload.TYPE, folder.resolve("other").toString(), gate.toString())
                .get(RECOVERY);
    }

    @Test
    void whatIsUnansweredIsPublishedAgainWhenTheReplyQueueIsDeleted() throws Exception {
        var gate = folder.resolve("gate");
        var calls = List.of(gated(gate, "one"), gated(gate, "two"));
        var waiting = IntStream.range(0, 20)
                .mapToObj(n -> pool.applyAsync(Square.TYPE, n))
                .toList();
        var replies = replyQueue();
        farm.onBroker(channel -> channel.queueDelete(replies));
        Files.createFile(gate);

        assertThat(calls.get(0).get(RECOVERY)).isEqualTo("one");
        assertThat(calls.get(1).get(RECOVERY)).isEqualTo("two");
        for (int n = 0; n < 20; n++) {
            assertThat(waiting.get(n).get(RECOVERY)).isEqualTo((long) n * n);
        }
        assertThat(replyQueue()).isEqualTo(replies);
    }

    @Test
    void whatIsSaidToAllWorkersIsHeardAgainAfterTheControlExchangeOrItsQueuesWereDeleted() throws Exception {
        farm.onBroker(channel -> channel.exchangeDelete(farm.control()));
        awaitStatusOf(3);

        rabbitMq.ctl(
                "eval",
                "[rabbit_amqqueue:delete(Q, false, false, <<\"test\">>) || Q <- rabbit_amqqueue:list(),"
                        + " string:str(binary_to_list(element(4, element(2, Q))), \".control.\") > 0].");
        awaitStatusOf(3);
        assertConsumingAgain();
    }

    @Test
    void aDeadLetterIsKeptAlthoughTheirQueueWasDeleted() throws Exception {
        farm.onBroker(channel -> channel.queueDelete(farm.dead()));
        var unknown = pool.task("no.such.task").applyAsync();

        assertThatThrownBy(() -> unknown.get(RECOVERY)).hasMessageContaining("no.such.task");
        await("its letter")
                .atMost(RECOVERY)
                .ignoreException(IOException.class) // no such queue
                .until(() -> farm.waiting(farm.dead()) == 1);
        var letter = farm.onBroker(channel -> channel.basicGet(farm.dead(), true));
        assertThat(letter.getProps().getCorrelationId()).isEqualTo(unknown.id());
    }

    @Proof
    @Test
    void underAMemoryAlarmAPublishFailsInTimeAcksPassAndAfterwardsAllGoesOn() throws Exception {
        var gate = folder.resolve("gate");
        var mark = folder.resolve("mark");
        pool.task(GatedDownload.TYPE).publish(mark.toString(), gate.toString()).get(RECOVERY);
        await("it runs").until(() -> Files.exists(mark));
        assertThat(unacked(farm.downloads())).isEqualTo(1);
        var counted = new CountedMap(farm, pool, folder.resolve("runs"), "alarm");
        counted.awaitUnderWay();

        try (var hasty = Pool.builder()
                .environment(farm.environment())
                .publishTimeout(Duration.ofSeconds(1))
                .connect()) {
            rabbitMq.ctl("set_vm_memory_high_watermark", "absolute", "1");
            try {
                var call = hasty.applyAsync(Square.TYPE, 3);
                var publish = hasty.task(Square.TYPE).publish(3);
                assertThatThrownBy(() -> call.get(Duration.ofSeconds(5))).isInstanceOf(PublishTimeoutException.class);
                assertThatThrownBy(() -> publish.get(Duration.ofSeconds(5)))
                        .isInstanceOf(PublishTimeoutException.class);

                Files.createFile(gate);
                await("its ack passes").atMost(RECOVERY).until(() -> unacked(farm.downloads()) == 0);
                assertThat(workers.awaitReady(Duration.ZERO)).isTrue();
            } finally {
                rabbitMq.ctl("set_vm_memory_high_watermark", "absolute", "1GB");
            }
            assertThat(hasty.applyAsync(Square.TYPE, 4).get(RECOVERY)).isEqualTo(16L);
        }
        counted.assertRightAfterwards();
    }

    @Test
    void countsAreExactAlthoughRedisRestartsAndIsKilled() throws Exception {
        var restarted = new CountedMap(farm, pool, folder.resolve("restarted"), "restarted");
        restarted.awaitUnderWay();
        redis.stop();
        redis.startAgain();
        restarted.assertRightAfterwards();

        var killed = new CountedMap(farm, pool, folder.resolve("killed"), "redis-killed");
        killed.awaitUnderWay();
        redis.kill();
        redis.startAgain();
        killed.assertRightAfterwards();
    }

    @Proof
    @Test
    void whileRedisIsAwayFor20SecondsSharedStateWaitsAndOtherLanesGoOn() throws Exception {
        var counted = new CountedMap(farm, pool, folder.resolve("runs"), "away");
        counted.awaitUnderWay();
        var gate = Files.createFile(folder.resolve("gate"));

        redis.stop();
        try {
            var since = System.nanoTime();
            for (int second = 1; second <= 20; second++) {
                var mark = folder.resolve("mark" + second).toString();
                assertThat(pool.applyAsync(GatedDownload.TYPE, mark, gate.toString())
                                .get(Duration.ofSeconds(5)))
                        .isEqualTo(1L);
                awaitSince(since, Duration.ofSeconds(second));
            }
        } finally {
            redis.startAgain();
        }

        counted.assertRightAfterwards();
    }

    @Test
    void aProcessThatWaitsForRedisKeepsNoOtherFromTasksWithoutSharedState() {
        redis.stop();
        AsyncResult<Number> waiting;
        try {
            waiting = pool.applyAsync(UpdateValue.TYPE, "waits", 1);
            var squares = IntStream.range(0, 20)
                    .mapToObj(n -> pool.applyAsync(Square.TYPE, n))
                    .toList();
            // One may wait behind it, in the process that waits.
            await("squares")
                    .atMost(RECOVERY)
                    .until(() -> squares.stream().filter(AsyncResult::ready).count() >= 19);
            assertThat(waiting.ready()).isFalse();
        } finally {
            redis.startAgain();
        }

        assertThat(waiting.get(RECOVERY)).isEqualTo(1L);
    }

    /** Every process consumes, and what is asked of any lane is answered. */
    private void assertConsumingAgain() {
        await("consuming again")
                .atMost(CONSUMING_AGAIN)
                .until(() -> workers.awaitReady(Duration.ZERO)
                        && pool.task("any").queue(farm.tasks()).workers() == 2
                        && pool.task("any").queue(farm.downloads()).workers() == 1);
    }

    /** With more on its way than sockets buffer. */
    private static void assertEndsAlthoughTheBrokerDoesNotRead(Pool pool) {
        IntStream.range(0, 30).forEach(n -> pool.task("echo").applyAsync("x".repeat(1_000_000)));
        var since = System.nanoTime();
        pool.terminate();
        assertThat(Duration.ofNanos(System.nanoTime() - since)).isLessThan(Duration.ofSeconds(12));
    }

    /** A task that runs until the gate is there; it runs already. */
    private AsyncResult<Object> gated(Path gate, String value) {
        var mark = folder.resolve(value);
        var result = pool.applyAsync(Gated.TYPE, mark.toString(), gate.toString(), value);
        await("it runs").atMost(RECOVERY).until(() -> Files.exists(mark));
        return result;
    }

    private void awaitStatusOf(int processes) {
        try (var status = StatusClient.connect(farm.broker(), farm.names(), null)) {
            await("a status of each process")
                    .atMost(CONSUMING_AGAIN)
                    .until(() -> status.ask(Duration.ofSeconds(1)).workers().size() == processes);
        }
    }

    /** The pool's; one that ended in trouble may have left another, without a consumer. */
    private String replyQueue() {
        return rabbitMq.ctl("list_queues", "name", "consumers")
                .lines()
                .filter(line -> line.contains(".replies.") && line.endsWith("\t1"))
                .map(line -> line.split("\t", -1)[0])
                .findFirst()
                .orElseThrow();
    }

    private List<String> consumerChannels() {
        return rabbitMq.ctl("list_consumers", "channel_pid").lines().skip(1).toList();
    }

    /** What the queue's consumers hold. */
    private int unacked(String queue) {
        return rabbitMq.ctl("list_queues", "name", "messages_unacknowledged")
                .lines()
                .map(line -> line.split("\t", -1))
                .filter(line -> line[0].equals(queue))
                .mapToInt(line -> Integer.parseInt(line[1]))
                .sum();
    }

    /** Some trouble is only there when it lasts. */
    private static void awaitSince(long nanos, Duration time) {
        await().atMost(time.plusSeconds(30)).until(() -> System.nanoTime() - nanos > time.toNanos());
    }

    private static List<Long> squares() {
        return LongStream.range(0, ITEMS).map(n -> n * n).boxed().toList();
    }
}
