package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.workerfarm.pool.AsyncResult;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.task.Sleep;
import dev.workerfarm.task.Square;
import dev.workerfarm.task.UpdateValue;
import dev.workerfarm.testkit.PrivateRabbitMq;
import dev.workerfarm.testkit.PrivateRedis;
import dev.workerfarm.testkit.TestFarm;
import dev.workerfarm.worker.WorkerParent;
import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What befalls a farm: its broker restarted and killed, its queues deleted, its Redis away. On nodes of its own. */
@Timeout(180)
class BrokerTroubleIT {
    private static final int ITEMS = 100_000;
    /** Where the trouble begins: the map is under way, most of it still to come. */
    private static final int TROUBLE_AT = 20_000;

    private static final Duration RECOVERY = Duration.ofSeconds(60);

    private static PrivateRabbitMq rabbitMq;
    private static PrivateRedis redis;
    private static TestFarm farm;
    private static WorkerParent workers;
    private Pool pool;

    @BeforeAll
    static void start() {
        // Where they are installed, not to start is a failure.
        assumeTrue(
                PrivateRabbitMq.isInstalled() && PrivateRedis.isInstalled(),
                "no rabbitmq-server or redis-server installed on this machine, so none can be restarted");
        rabbitMq = PrivateRabbitMq.start();
        redis = PrivateRedis.start();
        farm = TestFarm.on(rabbitMq.url(), redis.url(), BrokerTroubleIT.class);
        workers = farm.startWorkers(2, 0);
    }

    @AfterAll
    static void stop() {
        if (workers != null) {
            workers.close();
        }
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
    }

    @AfterEach
    void disconnect() {
        pool.close();
    }

    @Test
    void aMapIsRightAlthoughTheBrokerRestarts() {
        var items = new Items();
        var map = pool.mapAsync(Square.TYPE, items);
        items.awaitTroubleAt();

        rabbitMq.restart();
        items.goOn();

        assertThat(map.get(RECOVERY)).isEqualTo(squares());
    }

    @Test
    void aMapIsRightAlthoughTheBrokerIsKilled() {
        var items = new Items();
        var map = pool.mapAsync(Square.TYPE, items);
        items.awaitTroubleAt();

        rabbitMq.kill();
        rabbitMq.startAgain();
        items.goOn();

        assertThat(map.get(RECOVERY)).isEqualTo(squares());
    }

    @Test
    void aLongTaskIsAnsweredAlthoughTheBrokerRestartsMeanwhile() {
        // Beyond half a second a worker has changed its prefetch, and holds the task by a subscription that retires.
        var sleeping = List.of(pool.applyAsync(Sleep.TYPE, 4_000, "one"), pool.applyAsync(Sleep.TYPE, 4_000, "two"));
        var since = System.nanoTime();
        await().until(() -> System.nanoTime() - since > 1_500_000_000L);

        rabbitMq.restart();

        assertThat(sleeping.get(0).get(RECOVERY)).isEqualTo("one");
        assertThat(sleeping.get(1).get(RECOVERY)).isEqualTo("two");
        assertThat(pool.applyAsync(Square.TYPE, 9).get(RECOVERY)).isEqualTo(81L);
    }

    @Test
    void aTaskQueueDeletedUnderItsConsumersIsDeclaredAgain() throws Exception {
        farm.onBroker(channel -> channel.queueDelete(farm.tasks()));

        await("both workers consume again").atMost(RECOVERY).until(() -> pool.workers(farm.tasks()) == 2);
        assertThat(pool.applyAsync(Square.TYPE, 5).get(RECOVERY)).isEqualTo(25L);
    }

    @Test
    void whatIsUnansweredIsPublishedAgainWhenTheReplyQueueIsDeleted() throws Exception {
        var calls = IntStream.range(0, 20)
                .mapToObj(n -> pool.applyAsync(Sleep.TYPE, 200, n))
                .toList();
        await().until(() -> calls.get(0).ready());
        var replies = replyQueue();
        farm.onBroker(channel -> channel.queueDelete(replies));

        for (int n = 0; n < 20; n++) {
            assertThat(calls.get(n).get(RECOVERY)).isEqualTo((long) n);
        }
        assertThat(replyQueue()).isEqualTo(replies);
    }

    @Test
    void withoutRedisSharedStateWaitsAndAllElseGoesOn() {
        assertThat(pool.apply(UpdateValue.TYPE, "away", 5)).isEqualTo(5L);

        redis.stop();
        AsyncResult<Number> waiting;
        try {
            waiting = pool.applyAsync(UpdateValue.TYPE, "away", 1);
            assertThat(pool.map(Square.TYPE, List.of(1, 2, 3))).isEqualTo(List.of(1L, 4L, 9L));
            assertThat(waiting.ready()).isFalse();
        } finally {
            redis.startAgain();
        }

        assertThat(waiting.get(RECOVERY)).isEqualTo(6L);
        assertThat(pool.map(UpdateValue.TYPE, Collections.nCopies(20, new UpdateValue("away", 1))))
                .hasSize(20);
        assertThat(farm.shared().value("away").get()).isEqualTo(26L);
    }

    private static String replyQueue() {
        return rabbitMq.ctl("list_queues", "name")
                .lines()
                .map(String::strip)
                .filter(name -> name.contains(".replies."))
                .findFirst()
                .orElseThrow();
    }

    private static List<Long> squares() {
        return LongStream.range(0, ITEMS).map(n -> n * n).boxed().toList();
    }

    /** The numbers from 0, the last of them only when the trouble is over: the map cannot have ended before it. */
    private static final class Items implements Iterable<Integer> {
        private final AtomicInteger given = new AtomicInteger();
        private final CountDownLatch over = new CountDownLatch(1);

        @Override
        public Iterator<Integer> iterator() {
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return given.get() < ITEMS;
                }

                @Override
                public Integer next() {
                    if (given.get() == ITEMS - TROUBLE_AT) {
                        waitUntilOver();
                    }
                    return given.getAndIncrement();
                }
            };
        }

        void awaitTroubleAt() {
            await().until(() -> given.get() >= TROUBLE_AT);
        }

        void goOn() {
            over.countDown();
        }

        private void waitUntilOver() {
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }
}
