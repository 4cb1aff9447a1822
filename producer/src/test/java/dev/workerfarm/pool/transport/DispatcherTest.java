package dev.workerfarm.pool.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.error.PublishException;
import dev.workerfarm.error.PublishTimeoutException;
import dev.workerfarm.error.TaskCancelledException;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.control.ControlCodec;
import dev.workerfarm.wire.control.ControlMessage.Revoke;
import dev.workerfarm.wire.task.TaskCodec;
import dev.workerfarm.wire.task.TaskMessage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DispatcherTest {
    private static final String QUEUE = "tasks";
    private static final Duration SHORT = Duration.ofMillis(100);

    private final InMemoryBroker broker = new InMemoryBroker();
    private final FakeWorker worker = new FakeWorker(broker, QUEUE);
    private final Dispatcher dispatcher = dispatcher(Duration.ofSeconds(20));
    private final Dispatcher hurried = dispatcher(SHORT);

    private Dispatcher dispatcher(Duration publishTimeout) {
        return new Dispatcher(publishTimeout, broker, (loop, fault) -> {
            throw new AssertionError(loop, fault);
        });
    }

    @AfterEach
    void stop() {
        dispatcher.close();
        hurried.close();
        broker.close();
    }

    private EncodedMessage square(String id, long number) {
        return TaskCodec.encode(
                TaskMessage.of(id, "square", List.of(number), Map.of(), dispatcher.replyQueue(), Map.of()));
    }

    private void awaitTaken(int count) {
        await().until(() -> worker.taken().size() == count);
    }

    @Test
    void matchesRepliesWithTasksInAnyOrder() throws Exception {
        var first = dispatcher.dispatch("1", QUEUE, square("1", 3), null);
        var second = dispatcher.dispatch("2", QUEUE, square("2", 4), null);
        awaitTaken(2);

        worker.answer(worker.taken().get(1));
        worker.answer(worker.taken().get(0));

        assertThat(first.get(10, TimeUnit.SECONDS)).isEqualTo(new Outcome.Succeeded(9L));
        assertThat(second.get(10, TimeUnit.SECONDS)).isEqualTo(new Outcome.Succeeded(16L));
    }

    @Test
    void theFirstReplyOfAnIdCountsAndLaterOnesAreDropped() throws Exception {
        var outcome = dispatcher.dispatch("1", QUEUE, square("1", 3), null);
        awaitTaken(1);

        worker.answer(worker.taken().get(0), "first");
        worker.answer(worker.taken().get(0), "second");
        worker.answer(TaskMessage.of("unknown", "square", List.of(1L), Map.of(), dispatcher.replyQueue(), Map.of()));
        dispatcher.dispatch("2", QUEUE, square("2", 4), null);
        awaitTaken(2);
        worker.answer(worker.taken().get(1));

        assertThat(outcome.get(10, TimeUnit.SECONDS)).isEqualTo(new Outcome.Succeeded("first"));
    }

    @Test
    void failsWhatTheBrokerReturns() {
        var outcome = dispatcher.dispatch("1", "no-such-queue", square("1", 3), null);

        assertThatThrownBy(() -> outcome.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(PublishException.class);
    }

    @Test
    void failsASingleTaskThatIsNotConfirmedInTime() {
        broker.freeze();
        var outcome = hurried.dispatch("1", QUEUE, square("1", 3), null);
        var confirmed = hurried.publishOnly(QUEUE, square("2", 3), null);

        for (var late : List.of(outcome, confirmed)) {
            assertThatThrownBy(() -> late.get(10, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(PublishTimeoutException.class)
                    .hasMessageContaining("within 100 ms");
        }
    }

    @Test
    void aPatientTaskWaitsForItsConfirmHoweverLong() throws Exception {
        broker.freeze();
        var message =
                TaskCodec.encode(TaskMessage.of("1", "square", List.of(3L), Map.of(), hurried.replyQueue(), Map.of()));
        var patient = new CompletableFuture<Outcome>();
        hurried.dispatchPatiently("1", QUEUE, new Awaited.One(message, patient), message, null);
        var impatient = hurried.dispatch("2", QUEUE, square("2", 3), null);
        await().until(impatient::isDone);
        assertThat(patient).isNotDone();

        broker.thaw();
        awaitTaken(1);
        worker.answer(worker.taken().get(0));

        assertThat(patient.get(10, TimeUnit.SECONDS)).isEqualTo(new Outcome.Succeeded(9L));
    }

    @Test
    void publishesWhatIsUnansweredAgainUnderItsIdWhenTheReplyQueueWasLost() throws Exception {
        var answered = dispatcher.dispatch("1", QUEUE, square("1", 3), null);
        var unanswered = dispatcher.dispatch("2", QUEUE, square("2", 4), null);
        awaitTaken(2);
        worker.answer(worker.taken().get(0));
        answered.get(10, TimeUnit.SECONDS);

        broker.delete(dispatcher.replyQueue());

        awaitTaken(3);
        assertThat(worker.taken().get(2).id()).isEqualTo("2");
        worker.answer(worker.taken().get(2));
        assertThat(unanswered.get(10, TimeUnit.SECONDS)).isEqualTo(new Outcome.Succeeded(16L));
    }

    @Test
    void aCancelledTaskFailsAndIsRevoked() {
        var outcome = dispatcher.dispatch("1", QUEUE, square("1", 3), null);

        assertThat(dispatcher.cancel("1")).isTrue();

        assertThatThrownBy(() -> outcome.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(TaskCancelledException.class);
        assertThat(dispatcher.cancel("1")).as("again").isFalse();
        assertRevoked("1");
    }

    @Test
    void whatIsDispatchedAfterTheEndFailsToo() {
        var before = dispatcher.dispatch("1", QUEUE, square("1", 3), null);
        dispatcher.terminate();
        var after = dispatcher.dispatch("2", QUEUE, square("2", 3), null);

        for (var cancelled : List.of(before, after)) {
            assertThatThrownBy(() -> cancelled.get(10, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(TaskCancelledException.class);
        }
        assertRevoked("1");
    }

    private void assertRevoked(String... ids) {
        await().until(() -> broker.broadcasts().size() == 1);
        var message = broker.broadcasts().get(0);
        assertThat(ControlCodec.decode(message.properties(), message.body()))
                .isInstanceOfSatisfying(
                        Revoke.class, revoke -> assertThat(revoke.ids()).containsExactly(ids));
    }
}
