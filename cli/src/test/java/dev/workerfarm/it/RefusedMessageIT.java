package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.admin.FarmAdmin;
import dev.workerfarm.broker.ConfirmedPublisher;
import dev.workerfarm.broker.Topology;
import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.error.PublishException.MessageRefused;
import dev.workerfarm.error.TaskFailedException;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.task.Square;
import dev.workerfarm.testkit.Large;
import dev.workerfarm.testkit.LargeAdd;
import dev.workerfarm.testkit.PrivateFarm;
import dev.workerfarm.testkit.TestFarm;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages that the broker refuses for what they are: each fails alone, and all others go on, by the same processes. */
@Timeout(120)
class RefusedMessageIT {
    private static final int LIMIT = 1024 * 1024;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration AT_ONCE = Duration.ofSeconds(5);

    @RegisterExtension
    private static final PrivateFarm PRIVATE = PrivateFarm.withWorkers(2, 0);

    private TestFarm farm;
    private Pool pool;
    private List<Long> processes;

    @BeforeEach
    void connect() {
        // For channels that are opened from now on: RabbitMQ 3 has it in the application, RabbitMQ 4 in a persistent
        // term.
        var limit = "application:set_env(rabbit, max_message_size, %d), persistent_term:put(max_message_size, %d)."
                .formatted(LIMIT, LIMIT);
        PRIVATE.rabbitMq().ctl("eval", limit);
        PRIVATE.rabbitMq().ctl("close_all_connections", "limits");
        farm = PRIVATE.farm();
        await("workers").atMost(SOON).until(() -> PRIVATE.workers().awaitReady(Duration.ZERO));
        processes = PRIVATE.workers().pids();
        pool = farm.connect();
    }

    @AfterEach
    void theFarmAnswersByTheSameProcesses() throws Exception {
        assertThat(pool.applyAsync(Square.TYPE, 2).get(AT_ONCE)).isEqualTo(4L);
        assertThat(PRIVATE.workers().pids()).isEqualTo(processes);
        pool.terminate();
        assertThat(farm.waiting(farm.dead())).isZero();
    }

    @Test
    void aLargeArgumentFailsAloneAndSaysTheSizes() {
        var before = pool.applyAsync(Square.TYPE, 3);
        var large = pool.task("echo").applyAsync("x".repeat(2 * LIMIT));
        var after = pool.applyAsync(Square.TYPE, 4);

        assertThatThrownBy(() -> large.get(AT_ONCE))
                .isInstanceOf(MessageRefused.class)
                .hasMessageContaining(String.valueOf(LIMIT))
                .hasMessageContaining(String.valueOf(2 * LIMIT).substring(0, 4));
        assertThat(before.get(AT_ONCE)).isEqualTo(9L);
        assertThat(after.get(AT_ONCE)).isEqualTo(16L);
        // From now on without the broker.
        assertThatThrownBy(() -> pool.task("echo").applyAsync("x".repeat(LIMIT)).get(AT_ONCE))
                .isInstanceOf(MessageRefused.class)
                .hasMessageContaining(String.valueOf(LIMIT));
    }

    @Test
    void aLargeResultFailsItsTaskAloneAndAllOthersAreAnswered() {
        var before = pool.mapAsync(Square.TYPE, List.of(1, 2, 3));
        var large = IntStream.range(0, 4)
                .mapToObj(i -> pool.applyAsync(Large.TYPE, 2 * LIMIT))
                .toList();
        var after = pool.mapAsync(Square.TYPE, List.of(4, 5, 6));

        for (var result : large) {
            assertThatThrownBy(() -> result.get(SOON))
                    .isInstanceOfSatisfying(
                            TaskFailedException.class,
                            failure -> assertThat(failure.type()).isEqualTo("ResultTooLarge"))
                    .hasMessageContaining("the broker does not take the task's result")
                    .hasMessageContaining(String.valueOf(LIMIT));
        }
        assertThat(before.get(SOON)).isEqualTo(List.of(1L, 4L, 9L));
        assertThat(after.get(SOON)).isEqualTo(List.of(16L, 25L, 36L));
    }

    @Test
    void aLargeResultOfATaskWithSharedStateIsTheSameFailureForCallerAndStoreAndItsEffectsCountOnceOrNot() {
        var results = IntStream.range(0, 8)
                .mapToObj(i -> pool.task(LargeAdd.TYPE).storing().applyAsync("large", 2 * LIMIT))
                .toList();

        long applied = 0;
        for (var result : results) {
            var failure = catchThrowableOfType(TaskFailedException.class, () -> result.get(SOON));
            assertThat(failure.type()).isEqualTo("ResultTooLarge");
            applied += text(failure).contains("effects on shared state were applied") ? 1 : 0;
            var admin = FarmAdmin.open(
                    farm.broker(), RedisAddress.parse(PRIVATE.redis().url()), farm.names());
            try (admin) {
                assertThat(admin.awaitResult(result.id(), SOON))
                        .isInstanceOfSatisfying(
                                Outcome.Failed.class,
                                stored -> assertThat(stored.failure().type()).isEqualTo("ResultTooLarge"));
            }
        }
        assertThat(applied).isPositive();
        // Now each process that has met the limit knows it, and fails before the effects are committed.
        var known = IntStream.range(0, 8)
                .mapToObj(i -> pool.applyAsync(LargeAdd.TYPE, "large", 2 * LIMIT))
                .map(result -> catchThrowableOfType(TaskFailedException.class, () -> result.get(SOON)))
                .toList();
        assertThat(known).allMatch(failure -> failure.type().equals("ResultTooLarge"));
        assertThat(known).anyMatch(failure -> text(failure).contains("more than the " + LIMIT));
        applied += known.stream()
                .filter(failure -> text(failure).contains("effects on shared state were applied"))
                .count();
        try (var shared = farm.shared()) {
            assertThat(shared.value("large").get()).isEqualTo(applied);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"size", "expiration", "user", "carbon copies", "exchange"})
    void ofAThousandMessagesThoseThatTheBrokerRefusesFailAndTheOthersArriveInOrder(String fault) throws Exception {
        var topology = new Topology(farm.names(), List.of());
        var queue = farm.names().namespace() + ".refused." + fault.replace(' ', '-');
        topology.declareLater(queue);
        try (var publisher = new ConfirmedPublisher(farm.broker(), "test", topology, 1024, dead -> {})) {
            List<CompletableFuture<Void>> confirmed = new ArrayList<>();
            var guilty = List.of(0, 17, 500, 501, 999);
            for (int i = 0; i < 1_000; i++) {
                confirmed.add(
                        guilty.contains(i)
                                ? faulty(publisher, queue, fault)
                                : publisher.publish(queue, message(Map.of(), "" + i), true, SOON));
            }

            for (int i = 0; i < 1_000; i++) {
                var one = confirmed.get(i);
                if (guilty.contains(i)) {
                    assertThatThrownBy(() -> one.get(20, TimeUnit.SECONDS))
                            .as(fault + " " + i)
                            .hasCauseInstanceOf(MessageRefused.class);
                } else {
                    assertThat(one).as(fault + " " + i).succeedsWithin(SOON);
                }
            }
            var first = IntStream.range(0, 1_000)
                    .filter(i -> !guilty.contains(i))
                    .boxed()
                    .toList();
            assertThat(arrived(queue)).isEqualTo(first);
            if (!fault.equals("exchange")) { // which is declared by a new connection, if it is ours
                assertThat(publisher.reconnects()).isZero();
            }
            assertThat(publisher.publish(queue, message(Map.of(), "last"), true, SOON))
                    .succeedsWithin(AT_ONCE);
        }
    }

    private static CompletableFuture<Void> faulty(ConfirmedPublisher publisher, String queue, String fault) {
        var properties = new AMQP.BasicProperties.Builder();
        return switch (fault) {
            case "size" -> publisher.publish(queue, message(Map.of(), "x".repeat(LIMIT + 1)), true, SOON);
            case "exchange" -> publisher.broadcast("no.such.exchange", message(Map.of(), "x"), SOON);
            case "expiration" ->
                publisher.publish(
                        queue, new EncodedMessage(properties.expiration("soon").build(), new byte[1]), true, SOON);
            case "user" ->
                publisher.publish(
                        queue, new EncodedMessage(properties.userId("somebody").build(), new byte[1]), true, SOON);
            default -> publisher.publish(queue, message(Map.of("CC", "no list"), "x"), true, SOON);
        };
    }

    private static String text(Throwable failure) {
        return String.valueOf(failure.getMessage());
    }

    /** The numbers in the queue, each where it came first: a search publishes some twice. */
    private List<Integer> arrived(String queue) throws Exception {
        return farm.onBroker(channel -> {
            List<Integer> numbers = new ArrayList<>();
            for (var got = channel.basicGet(queue, true); got != null; got = channel.basicGet(queue, true)) {
                var number = Integer.valueOf(new String(got.getBody(), StandardCharsets.UTF_8));
                if (!numbers.contains(number)) {
                    numbers.add(number);
                }
            }
            return numbers;
        });
    }

    private static EncodedMessage message(Map<String, Object> headers, String body) {
        return new EncodedMessage(
                new AMQP.BasicProperties.Builder()
                        .headers(headers)
                        .deliveryMode(2)
                        .build(),
                TestFarm.bytes(body));
    }
}
