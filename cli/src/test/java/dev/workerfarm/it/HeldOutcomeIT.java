package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.admin.FarmAdmin;
import dev.workerfarm.error.BrokerUnreachableException;
import dev.workerfarm.error.TaskFailedException;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.task.BuiltIn.Fail;
import dev.workerfarm.task.RetryPolicy;
import dev.workerfarm.task.Square;
import dev.workerfarm.testkit.Flaky;
import dev.workerfarm.testkit.FlakyAdd;
import dev.workerfarm.testkit.Gated;
import dev.workerfarm.testkit.PrivateFarm;
import dev.workerfarm.testkit.TestFarm;
import dev.workerfarm.wire.letter.Letter;
import dev.workerfarm.wire.task.TaskCodec;
import dev.workerfarm.wire.task.TaskMessage;
import java.net.URI;
import java.nio.file.Files;
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
import redis.clients.jedis.Jedis;

/** Outcomes that the broker does not take: the process holds them, says so, and goes on. */
@Timeout(120)
class HeldOutcomeIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration AT_ONCE = Duration.ofSeconds(5);

    @RegisterExtension
    private static final PrivateFarm PRIVATE = PrivateFarm.withWorkers(1, 0);

    @TempDir
    private Path folder;

    private TestFarm farm;
    private Pool pool;
    private List<Long> processes;

    @BeforeEach
    void connect() {
        farm = PRIVATE.farm();
        processes = PRIVATE.workers().pids();
        pool = farm.connect();
    }

    @AfterEach
    void theFarmAnswersByTheSameProcesses() {
        assertThat(pool.applyAsync(Square.TYPE, 2).get(AT_ONCE)).isEqualTo(4L);
        assertThat(PRIVATE.workers().pids()).isEqualTo(processes);
        pool.terminate();
    }

    @AfterEach
    void clearPolicies() {
        if (ctl("list_policies").contains("dead")) {
            ctl("clear_policy", "dead");
        }
    }

    @Test
    void deadLettersThatTheirQueueRefusesAreHeldAndToldAndArriveOnceThereIsRoom() throws Exception {
        capLetters(1);
        publishTasksThatNobodyKnows(20);
        await("held").atMost(SOON).until(() -> held().contains("for " + farm.dead()));

        var numbers = LongStream.range(0, 50).boxed().toList();
        assertThat(pool.task(Square.TYPE).chunkSize(1).map(numbers))
                .isEqualTo(numbers.stream().map(n -> n * n).toList());
        assertThat(pool.applyAsync(Square.TYPE, 3).get(AT_ONCE)).isEqualTo(9L);
        assertThat(PRIVATE.workers().awaitReady(Duration.ZERO)).isTrue();

        ctl("clear_policy", "dead");
        await("the letters").atMost(SOON).until(() -> farm.waiting(farm.dead()) == 20);
        await("nothing is held").atMost(SOON).until(() -> held().equals("[]"));
        assertThat(purgedLetters()).isEqualTo(20);
    }

    @Test
    void aProcessThatHoldsAllThatItMayTakesNoMoreIsNotReadyAndGoesOnAfterwards() throws Exception {
        capLetters(0);
        publishTasksThatNobodyKnows(300);
        await("not ready").atMost(SOON).until(() -> !PRIVATE.workers().awaitReady(Duration.ZERO));
        assertThat(farm.waiting(farm.tasks())).as("left for others").isPositive();

        ctl("clear_policy", "dead");
        await("ready").atMost(SOON).until(() -> PRIVATE.workers().awaitReady(Duration.ZERO));
        await("the letters").atMost(SOON.multipliedBy(2)).until(() -> farm.waiting(farm.dead()) == 300);
        assertThat(purgedLetters()).isEqualTo(300);
    }

    @Test
    void aResultThatTheWorkerMayNotPublishForATimeReachesItsCaller() throws Exception {
        var mark = folder.resolve("mark");
        var gate = folder.resolve("gate");
        var call = pool.applyAsync(Gated.TYPE, mark.toString(), gate.toString(), "answered");
        await("runs").atMost(SOON).until(() -> Files.exists(mark));
        try {
            mayWrite("^(?!amq\\.default).*$");
            await("the lane consumes again")
                    .atMost(SOON)
                    .until(() -> PRIVATE.workers().awaitReady(Duration.ZERO));
            Files.createFile(gate);
            await("neither answered nor given up")
                    .during(Duration.ofSeconds(2))
                    .atMost(SOON)
                    .until(() -> !call.ready());
        } finally {
            mayWrite(".*");
        }

        assertThat(call.get(SOON)).isEqualTo("answered");
        assertThat(farm.waiting(farm.dead())).isZero();
    }

    private static void mayWrite(String pattern) {
        var user = URI.create(PRIVATE.rabbitMq().url()).getUserInfo().replaceFirst(":.*", "");
        ctl("set_permissions", user, ".*", pattern, ".*");
        ctl("close_all_connections", "--vhost", "/", "other rights"); // a channel remembers the rights that it had
    }

    @Test
    void whoFindsTheLimitOfConnectionsReachedIsToldThat() {
        ctl("set_vhost_limits", "{\"max-connections\": 1}");
        try {
            assertThatThrownBy(farm::connect)
                    .isInstanceOf(BrokerUnreachableException.class)
                    .hasMessageContaining("takes no more connections")
                    .hasMessageContaining("limit (1) is reached");
        } finally {
            ctl("clear_vhost_limits");
        }
    }

    @Test
    void aRetryWhoseDelayMayNotBeDeclaredFailsWithTheBrokersWords() {
        ctl("set_vhost_limits", "{\"max-queues\": 1}");
        try {
            var results = IntStream.range(0, 4)
                    .mapToObj(i ->
                            pool.applyAsync(Flaky.TYPE, folder.resolve("runs").toString(), 1, 5_000L))
                    .toList();

            for (var result : results) {
                assertThatThrownBy(() -> result.get(SOON))
                        .isInstanceOf(TaskFailedException.class)
                        .hasMessageContaining("it cannot run later")
                        .hasMessageContaining("limit");
            }
            var guarded = pool.applyAsync(FlakyAdd.TYPE, folder.resolve("adds").toString(), 1, "not-later", 5);
            assertThatThrownBy(() -> guarded.get(SOON))
                    .isInstanceOf(TaskFailedException.class)
                    .hasMessageContaining("it cannot run later")
                    .hasMessageContaining("it had failed with IOException")
                    .hasMessageNotContaining("#method");
            try (var client = new Jedis(URI.create(PRIVATE.redis().url()))) {
                assertThat(client.hgetAll("{" + farm.names().namespace() + "}:task:" + guarded.id())
                                .values())
                        .as("what was committed, of this attempt and the next")
                        .hasSize(2)
                        .allSatisfy(outcome -> assertThat(outcome)
                                .contains("it cannot run later")
                                .doesNotContain("retry_at"));
            }
            assertThatThrownBy(() -> pool.task(Square.TYPE)
                            .countdown(Duration.ofSeconds(5))
                            .apply(2))
                    .hasMessageContaining("limit");
        } finally {
            ctl("clear_vhost_limits");
        }
    }

    @Test
    void aLetterThatDoesNotFitTheBrokersFramesComesWithLessBesideItsMessage() throws Exception {
        frames(8_192);
        try {
            var failing = pool.task(Fail.TYPE)
                    .retry(RetryPolicy.of(2).withFirst(Duration.ZERO))
                    .applyAsync("x".repeat(20_000));

            assertThatThrownBy(() -> failing.get(SOON)).isInstanceOf(TaskFailedException.class);
            var letter = farm.awaitDeadLetter(failing.id());
            var read = Letter.decode(letter.getProps(), letter.getBody());
            assertThat(read.reason()).isEqualTo("retries-exhausted");
            assertThat(read.content().toString()).contains("x".repeat(20_000));
            assertThat(held()).isEqualTo("[]");
        } finally {
            frames(131_072);
        }
    }

    /** For connections that are opened from now on. */
    private static void frames(int bytes) {
        ctl("eval", "application:set_env(rabbit, frame_max, " + bytes + ").");
        ctl("close_all_connections", "frames");
        await("workers").atMost(SOON).until(() -> PRIVATE.workers().awaitReady(Duration.ZERO));
    }

    private void capLetters(int most) {
        var pattern = "^" + farm.dead().replace(".", "\\.") + "$";
        var policy = "{\"max-length\":" + most + ",\"overflow\":\"reject-publish\"}";
        ctl("set_policy", "--apply-to", "queues", "dead", pattern, policy);
    }

    private void publishTasksThatNobodyKnows(int count) throws Exception {
        for (int i = 0; i < count; i++) {
            var message =
                    TaskCodec.encode(TaskMessage.of("lost-" + i, "no.such.task", List.of(), Map.of(), null, Map.of()));
            farm.publish(farm.tasks(), message.properties(), message.body());
        }
    }

    private int purgedLetters() throws Exception {
        return farm.onBroker(channel -> channel.queuePurge(farm.dead()).getMessageCount());
    }

    private static String ctl(String... arguments) {
        return PRIVATE.rabbitMq().ctl(arguments);
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
