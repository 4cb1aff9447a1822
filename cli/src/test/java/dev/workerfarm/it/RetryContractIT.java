package dev.workerfarm.it;

import static dev.workerfarm.testkit.TestFarm.header;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.GetResponse;
import dev.workerfarm.error.TaskFailedException;
import dev.workerfarm.task.RetryPolicy;
import dev.workerfarm.task.Square;
import dev.workerfarm.testkit.ContractFarm;
import dev.workerfarm.testkit.Flaky;
import dev.workerfarm.testkit.FlakyAdd;
import dev.workerfarm.testkit.Services;
import dev.workerfarm.testkit.TestFarm;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.ResultCodec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What comes later and what comes again, on whatever broker: retries, {@code countdown}, {@code eta}, {@code expires}. */
@Timeout(60)
class RetryContractIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    /** A wait is rounded up to a second, and then there is the way on a busy machine. */
    private static final long LATEST_MILLIS = 2_500;

    private static final RetryPolicy EVERY_SECOND =
            RetryPolicy.of(3).withFirst(Duration.ofSeconds(1)).withFactor(1).withJitter(0);
    private static final RetryPolicy AT_ONCE =
            RetryPolicy.of(2).withFirst(Duration.ZERO).withJitter(0);

    @RegisterExtension
    private static final ContractFarm FARM = ContractFarm.withWorkers(2, 0);

    @TempDir
    private Path folder;

    private Path log;

    @BeforeEach
    void makeLog() {
        log = folder.resolve("runs");
    }

    @Test
    void runsAgainAfterItsWaitsUntilItSucceeds() throws Exception {
        var type = Flaky.TYPE.withRetry(EVERY_SECOND);

        assertThat(FARM.pool().applyAsync(type, log.toString(), 2).get(SOON)).isEqualTo(2L);

        var runs = Flaky.runs(log);
        assertThat(runs).extracting(Flaky.Run::attempt).containsExactly(0, 1, 2);
        assertWait(runs.get(0).atMillis(), runs.get(1).atMillis(), 1_000);
        assertWait(runs.get(1).atMillis(), runs.get(2).atMillis(), 1_000); // through the same queue once more
    }

    @Test
    void runsAgainWhenATaskAsksForIt() throws Exception {
        assertThat(FARM.pool().applyAsync(Flaky.TYPE, log.toString(), 1, 3_000).get(SOON))
                .isEqualTo(1L);

        var runs = Flaky.runs(log);
        assertThat(runs).extracting(Flaky.Run::attempt).containsExactly(0, 1);
        assertWait(runs.get(0).atMillis(), runs.get(1).atMillis(), 3_000);
    }

    @Test
    void answersTheLastFailureWhenNoAttemptIsLeftAndKeepsALetter() throws Exception {
        var result = FARM.pool().task(Flaky.TYPE).retry(AT_ONCE).applyAsync(log.toString(), 9);

        assertThatThrownBy(() -> result.get(SOON))
                .isInstanceOfSatisfying(
                        TaskFailedException.class,
                        failed -> assertThat(failed.text()).isEqualTo("attempt 1 is in vain"));
        var letter = FARM.farm().awaitDeadLetter(result.id());
        assertThat(header(letter, "farm-dead-reason")).isEqualTo("retries-exhausted");
        assertThat(header(letter, "farm-dead-failure")).isEqualTo("IOException: attempt 1 is in vain");
        assertThat(header(letter, "retries")).isEqualTo("1");
        assertThat(letter.getProps().getHeaders().get("farm-history"))
                .asInstanceOf(InstanceOfAssertFactories.LIST)
                .singleElement()
                .asString()
                .contains("IOException: attempt 0 is in vain");
        assertThat(Flaky.runs(log)).hasSize(2);
    }

    @Test
    void failsAtOnceWhereTheFailureIsNotWorthAnotherAttempt() throws Exception {
        for (var policy : List.of(AT_ONCE.never("Exception"), AT_ONCE.only("InterruptedException"), RetryPolicy.NONE)) {
            var result = FARM.pool().task(Flaky.TYPE).retry(policy).applyAsync(log.toString(), 1);

            assertThatThrownBy(() -> result.get(SOON)).hasMessageContaining("attempt 0 is in vain");
        }
        assertThat(Flaky.runs(log)).extracting(Flaky.Run::attempt).containsExactly(0, 0, 0);
    }

    @Test
    void appliesNothingOfWhatFailedAttemptsDid() throws Exception {
        var value = FARM.shared().value("tried");
        value.set(100);

        assertThat(FARM.pool()
                        .applyAsync(FlakyAdd.TYPE, log.toString(), 2, "tried", 5)
                        .get(SOON))
                .isEqualTo(2L);

        assertThat(value.get()).isEqualTo(105L);
        assertThat(Flaky.runs(log)).extracting(Flaky.Run::attempt).containsExactly(0, 1, 2);
        value.delete();
    }

    @Test
    void doesNotRunAnOlderAttemptThatIsDeliveredAgain() throws Exception {
        var value = FARM.shared().value("twice");
        value.set(0);
        var message = message("test.flaky_add", List.of(log.toString(), 1, "twice", 7), Map.of());

        FARM.farm().publish(FARM.farm().tasks(), message.properties(), message.body());
        assertThat(message.awaitOutcome()).isEqualTo(new Outcome.Succeeded(1L));
        FARM.farm().publish(FARM.farm().tasks(), message.properties(), message.body());

        assertThat(message.awaitOutcome()).as("of the retry published again").isEqualTo(new Outcome.Succeeded(1L));
        assertThat(value.get()).isEqualTo(7L);
        assertThat(Flaky.runs(log)).extracting(Flaky.Run::attempt).containsExactly(0, 1);
        value.delete();
    }

    @Test
    void runsTheItemsOfAMapAgainEachByItself() throws Exception {
        var items = List.of(
                List.of(folder.resolve("a").toString(), 0),
                List.of(folder.resolve("b").toString(), 1),
                List.of(folder.resolve("c").toString(), 9));

        var outcomes =
                FARM.pool().task(Flaky.TYPE).retry(AT_ONCE).starOutcomes(items).toList();

        assertThat(outcomes.subList(0, 2)).extracting(item -> item.value()).containsExactly(0L, 1L);
        assertThat(Objects.requireNonNull(outcomes.get(2).failure()).text()).isEqualTo("attempt 1 is in vain");
        assertThat(Flaky.runs(folder.resolve("a"))).hasSize(1);
        assertThat(Flaky.runs(folder.resolve("c"))).hasSize(2);
    }

    @Test
    void losesNothingWhenTheWorkerIsKilledWhileARetryWaits() throws Exception {
        var later = EVERY_SECOND.withFirst(Duration.ofSeconds(2));
        var result = FARM.pool().applyAsync(Flaky.TYPE.withRetry(later), log.toString(), 1);
        await("the first run").atMost(SOON).until(() -> !Flaky.runs(log).isEmpty());

        ProcessHandle.of(Flaky.runs(log).get(0).pid()).ifPresent(ProcessHandle::destroyForcibly);

        assertThat(result.get(SOON)).isEqualTo(1L);
        assertThat(Flaky.runs(log).get(1).pid())
                .isNotEqualTo(Flaky.runs(log).get(0).pid());
    }

    @Test
    void waitsForAnEtaInTheBrokerWhoeverSendsIt() throws Exception {
        var eta = Instant.now().plusMillis(2_000);
        var message = message(
                "test.flaky",
                List.of(log.toString(), 0),
                // As Celery writes it; and its property, which in a delay queue would end the wait early.
                Map.of("eta", eta.toString().replace("Z", "+00:00"), "expires", "2999-01-01T00:00:00.000000"));

        // The embedded broker takes that property for a point in time.
        var expiration = Services.shared().isRabbitMq() ? "500" : null;
        FARM.farm()
                .publish(
                        FARM.farm().tasks(),
                        message.properties().builder().expiration(expiration).build(),
                        message.body());

        assertThat(message.awaitOutcome()).isEqualTo(new Outcome.Succeeded(0L));
        assertWait(eta.toEpochMilli(), Flaky.runs(log).get(0).atMillis(), 0);
        assertThat(FARM.pool().apply(Square.TYPE, 3)).isEqualTo(9L);
    }

    @Test
    void runsAtOnceWhatWasDueLongAgo() throws Exception {
        var message = message("test.flaky", List.of(log.toString(), 0), Map.of("eta", "2020-01-01T00:00:00Z"));
        FARM.farm().publish(FARM.farm().tasks(), message.properties(), message.body());
        assertThat(message.awaitOutcome()).isEqualTo(new Outcome.Succeeded(0L));
    }

    @Test
    void waitsForACountdown() throws Exception {
        var called = System.currentTimeMillis();

        var result =
                FARM.pool().task(Flaky.TYPE).countdown(Duration.ofSeconds(1)).applyAsync(log.toString(), 0);

        assertThat(result.get(SOON)).isEqualTo(0L);
        assertWait(called, Flaky.runs(log).get(0).atMillis(), 1_000);
    }

    @Test
    void doesNotRunWhatHasExpired() throws Exception {
        var late = FARM.pool()
                .task(Flaky.TYPE)
                .countdown(Duration.ofSeconds(1))
                .expires(Duration.ofMillis(500))
                .applyAsync(log.toString(), 0);
        var message = message(
                "test.flaky_add", List.of(log.toString(), 0, "expired", 1), Map.of("expires", "2020-01-01T00:00:00"));
        FARM.farm().publish(FARM.farm().tasks(), message.properties(), message.body());

        assertThat(message.awaitOutcome())
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.failure().text()).isEqualTo("expired"));
        assertThatThrownBy(() -> late.get(SOON)).isInstanceOfSatisfying(TaskFailedException.class, failed -> {
            assertThat(failed.type()).isEqualTo("TaskRevokedError");
            assertThat(failed.text()).isEqualTo("expired");
        });
        assertThat(Flaky.runs(log)).isEmpty();
    }

    private static void assertWait(long fromMillis, long toMillis, long waitMillis) {
        assertThat(toMillis - fromMillis)
                .as("wait of %s ms", waitMillis)
                .isBetween(waitMillis, waitMillis + LATEST_MILLIS);
    }

    /** A message of a stranger's, and where its answers go. */
    private record Message(AMQP.BasicProperties properties, String json, String replies) {
        byte[] body() {
            return TestFarm.bytes(json);
        }

        /** The next answer, within {@link #SOON}. */
        Outcome awaitOutcome() {
            GetResponse reply = await("a reply")
                    .atMost(SOON)
                    .until(
                            () -> FARM.farm().onBroker(channel -> Optional.ofNullable(channel.basicGet(replies, true))),
                            Optional::isPresent)
                    .orElseThrow();
            return Objects.requireNonNull(
                    ResultCodec.decode(reply.getProps(), reply.getBody()).outcome());
        }
    }

    private static Message message(String task, List<Object> args, Map<String, Object> more) throws Exception {
        var id = UUID.randomUUID().toString();
        var replies = FARM.farm().tasks() + ".answers." + id;
        FARM.farm().onBroker(channel -> channel.queueDeclare(replies, true, false, false, Map.of()));
        Map<String, Object> headers = new HashMap<>(Map.of("task", task, "id", id, "lang", "py"));
        headers.putAll(more);
        var properties = new AMQP.BasicProperties.Builder()
                .contentType("application/json")
                .contentEncoding("utf-8")
                .correlationId(id)
                .replyTo(replies)
                .headers(headers)
                .build();
        var json = new StringBuilder();
        for (var arg : args) {
            json.append(json.isEmpty() ? "" : ",").append(arg instanceof String ? "\"" + arg + "\"" : arg);
        }
        return new Message(properties, "[[" + json + "], {}, {}]", replies);
    }
}
