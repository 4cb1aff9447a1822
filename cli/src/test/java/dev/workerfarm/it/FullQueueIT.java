package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.admin.FarmAdmin;
import dev.workerfarm.error.PublishException.QueueFull;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.task.RetryPolicy;
import dev.workerfarm.task.Square;
import dev.workerfarm.task.TaskQueue;
import dev.workerfarm.testkit.Flaky;
import dev.workerfarm.testkit.PrivateFarm;
import dev.workerfarm.testkit.TestFarm;
import dev.workerfarm.wire.task.TaskCodec;
import dev.workerfarm.wire.task.TaskMessage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Queues that hold ten messages and refuse more: whoever publishes to them waits, and nothing is lost. */
@Timeout(120)
class FullQueueIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @RegisterExtension
    private static final PrivateFarm PRIVATE = PrivateFarm.withWorkers(2, 0);

    @TempDir
    private Path folder;

    private TestFarm farm;
    private Pool pool;
    private List<Long> processes;

    @BeforeEach
    void connect() {
        farm = PRIVATE.farm();
        limit("tasks", farm.tasks());
        processes = PRIVATE.workers().pids();
        pool = farm.connect();
    }

    @AfterEach
    void theFarmAnswersByTheSameProcesses() throws Exception {
        assertThat(pool.applyAsync(Square.TYPE, 2).get(Duration.ofSeconds(5))).isEqualTo(4L);
        assertThat(PRIVATE.workers().pids()).isEqualTo(processes);
        pool.terminate();
        assertThat(farm.waiting(farm.dead())).isZero();
    }

    private static void limit(String name, String queue) {
        var pattern = "^" + queue.replace(".", "\\.") + "$";
        var policy = "{\"max-length\":10,\"overflow\":\"reject-publish\"}";
        PRIVATE.rabbitMq().ctl("set_policy", "--apply-to", "queues", name, pattern, policy);
    }

    @Test
    void aMapOfTwoThousandChunksThroughAQueueOfTenIsRight() {
        var squares = pool.task(Square.TYPE)
                .chunkSize(1)
                .map(LongStream.range(0, 2_000).boxed().toList());

        assertThat(squares)
                .isEqualTo(LongStream.range(0, 2_000).map(n -> n * n).boxed().toList());
    }

    @Test
    void twoHundredTasksThatEachRetryOnceAllEnd() {
        for (var first : List.of(Duration.ZERO, Duration.ofSeconds(1))) {
            var flaky = pool.task(Flaky.TYPE)
                    .retry(RetryPolicy.of(3).withFirst(first).withFactor(1).withJitter(0));
            var log = folder.resolve("runs-" + first.toMillis()).toString();
            var results = IntStream.range(0, 200)
                    .mapToObj(i -> flaky.applyAsync(log, 1))
                    .toList();

            for (var result : results) {
                assertThat(result.get(SOON)).isNotNull();
            }
        }
    }

    @Test
    void aCallWaitsUntilThePublishTimeoutAndThenSaysThatTheQueueIsFull() throws Exception {
        var idle = TaskQueue.named("idle", 1);
        limit("idle", farm.names().of(idle));
        farm.onBroker(channel -> channel.queueDeclare(farm.names().of(idle), true, false, false, Map.of()));
        try (var hasty = Pool.builder()
                .environment(farm.environment())
                .publishTimeout(Duration.ofSeconds(2))
                .connect()) {
            var call = hasty.task(Square.TYPE).queue(farm.names().of(idle));
            var calls = IntStream.range(0, 30).mapToObj(call::applyAsync).toList();

            for (var refused : calls.subList(15, 30)) {
                assertThatThrownBy(() -> refused.get(Duration.ofSeconds(10)))
                        .isInstanceOf(QueueFull.class)
                        .hasMessageContaining(farm.names().of(idle))
                        .hasMessageContaining("full");
            }
            assertThat(calls.subList(0, 5)).noneMatch(waiting -> waiting.ready());
            // Other queues are not held up.
            assertThat(hasty.apply(Square.TYPE, 3)).isEqualTo(9L);
            hasty.terminate();
        }
    }

    @Test
    void aReplyQueueThatIsFullHoldsUpNoOtherReply() throws Exception {
        var full = farm.names().namespace() + ".replies.full";
        farm.onBroker(channel -> channel.queueDeclare(full, true, false, false, Map.of()));
        limit("full", full);
        for (int i = 0; i < 30; i++) {
            var message = TaskCodec.encode(TaskMessage.of("full-" + i, "square", List.of(7), Map.of(), full, Map.of()));
            farm.publish(farm.tasks(), message.properties(), message.body());
        }

        var squares = pool.task(Square.TYPE)
                .chunkSize(1)
                .map(LongStream.range(0, 200).boxed().toList());

        assertThat(squares)
                .isEqualTo(LongStream.range(0, 200).map(n -> n * n).boxed().toList());
        await("what is held is told").atMost(SOON).until(() -> held().contains("for " + full));
        var answers = farm.onBroker(channel -> {
            var got = 0;
            for (var end = System.nanoTime() + SOON.toNanos(); got < 30 && System.nanoTime() < end; ) {
                got += channel.basicGet(full, true) == null ? 0 : 1;
            }
            return got;
        });
        assertThat(answers).isEqualTo(30);
    }

    private String held() throws InterruptedException {
        try (var admin = FarmAdmin.open(farm.broker(), null, farm.names());
                var client = admin.status(null)) {
            return client.ask(Duration.ofSeconds(1)).workers().stream()
                    .map(worker -> String.valueOf(worker.troubles()))
                    .collect(Collectors.joining());
        }
    }
}
