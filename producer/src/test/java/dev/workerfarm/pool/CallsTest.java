package dev.workerfarm.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.error.PoolFailedException;
import dev.workerfarm.error.PublishTimeoutException;
import dev.workerfarm.error.TaskCancelledException;
import dev.workerfarm.error.TaskFailedException;
import dev.workerfarm.pool.transport.FakeWorker;
import dev.workerfarm.pool.transport.InMemoryBroker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CallsTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Callee<@Nullable Object> SQUARE = Callee.named("square", "tasks");

    private final InMemoryBroker broker = new InMemoryBroker();
    private final Calls calls = calls(SOON);

    private Calls calls(Duration publishTimeout) {
        var config = new PoolConfig(BrokerAddress.parse("amqp://not-used"), new QueueNames("farm"), publishTimeout);
        return new Calls(config, broker);
    }

    @AfterEach
    void stop() {
        calls.terminate();
        broker.close();
    }

    private AsyncResult<@Nullable Object> square(Calls of, long number) {
        return of.one(SQUARE, CallOptions.DEFAULT, List.of(number), Map.of());
    }

    @Test
    void answersACall() {
        FakeWorker.answering(broker, "tasks");

        assertThat(square(calls, 12).get(SOON)).isEqualTo(144L);
    }

    @Test
    void aFailedTaskIsThrown() {
        FakeWorker.answering(broker, "tasks");

        assertThatThrownBy(() -> square(calls, -1).get(SOON))
                .isInstanceOf(TaskFailedException.class)
                .hasMessageContaining("negative: -1");
    }

    @Test
    void mapsInTheInputsOrder() {
        FakeWorker.answering(broker, "tasks");
        var numbers = LongStream.range(0, 10_000).boxed().toList();

        assertThat(calls.allResults(SQUARE, MapInput.each(numbers), MapOptions.DEFAULT))
                .isEqualTo(numbers.stream().map(n -> n * n).toList());
    }

    @Test
    void aMapThrowsTheFirstFailureByIndexThoughALaterOneCameBefore() {
        var worker = new FakeWorker(broker, "tasks");
        var later = calls.allResultsLater(
                SQUARE, MapInput.each(List.of(1L, -2L, -3L)), MapOptions.DEFAULT.withChunkSize(1));
        await().until(() -> worker.taken().size() == 3);

        worker.answer(worker.taken().get(2));
        worker.answer(worker.taken().get(1));
        worker.answer(worker.taken().get(0));

        assertThatThrownBy(() -> later.get(SOON))
                .isInstanceOfSatisfying(
                        TaskFailedException.class,
                        failed -> assertThat(failed.taskId()).endsWith(":1"));
    }

    @Test
    void aFailedMapRevokesWhatHasNotBegun() {
        var worker = new FakeWorker(broker, "tasks");
        var later = calls.allResultsLater(SQUARE, MapInput.each(List.of(-1L, 2L)), MapOptions.DEFAULT.withChunkSize(1));
        await().until(() -> worker.taken().size() == 2);

        worker.answer(worker.taken().get(0));

        assertThatThrownBy(() -> later.get(SOON)).isInstanceOf(TaskFailedException.class);
        await().until(() -> broker.broadcasts().size() == 1);
    }

    @Test
    void aCancelledCallAndMapAreThrownAndRevoked() {
        var worker = new FakeWorker(broker, "tasks");
        var call = square(calls, 1);
        var map = calls.allResultsLater(SQUARE, MapInput.each(List.of(2L)), MapOptions.DEFAULT);
        await().until(() -> worker.taken().size() == 2);

        assertThat(call.cancel()).isTrue();
        assertThat(map.cancel()).isTrue();

        assertThatThrownBy(() -> call.get(SOON)).isInstanceOf(TaskCancelledException.class);
        assertThatThrownBy(() -> map.get(SOON)).isInstanceOf(TaskCancelledException.class);
        await().until(() -> broker.broadcasts().size() == 2);
    }

    @Test
    void aCallFailsIfTheBrokerDoesNotConfirmInTime() {
        var hurried = calls(Duration.ofMillis(50));
        broker.declare("tasks");
        broker.freeze();

        var published = hurried.oneUnanswered(SQUARE, CallOptions.DEFAULT, List.of(1L), Map.of(), false);
        assertThatThrownBy(() -> square(hurried, 1).get(SOON)).isInstanceOf(PublishTimeoutException.class);
        assertThatThrownBy(() -> published.get(SOON)).isInstanceOf(PublishTimeoutException.class);
        hurried.terminate();
    }

    @Test
    void closesOnceTheLastCallIsAnswered() {
        var worker = new FakeWorker(broker, "tasks");
        var result = square(calls, 3);
        await().until(() -> worker.taken().size() == 1);

        calls.close();
        assertThatThrownBy(() -> square(calls, 4)).isInstanceOf(IllegalStateException.class);
        assertThat(calls.join(Duration.ofMillis(20))).isFalse();
        assertThat(broker.opened()).isEqualTo(1);
        worker.answer(worker.taken().get(0));

        assertThat(result.get(SOON)).isEqualTo(9L);
        assertThat(calls.join(SOON)).isTrue();
        assertThat(broker.opened()).isZero();
    }

    @Test
    void aDeadLoopFailsAllThatIsPendingByNameAndClosesThePool() {
        broker.declare("tasks");
        var call = square(calls, 1);
        var later = calls.allResultsLater(SQUARE, MapInput.each(List.of(2L)), MapOptions.DEFAULT);
        var endless = LongStream.iterate(0, i -> i + 1).iterator();
        var imap = calls.results(SQUARE, MapInput.each(endless), true, MapOptions.DEFAULT);
        broker.freeze();
        var published = calls.oneUnanswered(SQUARE, CallOptions.DEFAULT, List.of(1L), Map.of(), false);

        var fault = new OutOfMemoryError("a fault");
        calls.died("a-loop", fault);
        calls.died("another-loop", new IllegalStateException("which follows from the first"));

        assertFailed(() -> call.get(SOON), fault);
        assertFailed(() -> later.get(SOON), fault);
        assertFailed(imap::next, fault);
        assertFailed(() -> published.get(SOON), fault);
        assertFailed(() -> square(calls, 2), fault);
        assertFailed(() -> calls.results(SQUARE, MapInput.each(List.of(1L)), true, MapOptions.DEFAULT), fault);
        assertThat(calls.join(SOON)).isTrue();
        assertThat(broker.opened()).isZero();
    }

    private static void assertFailed(Runnable call, Throwable fault) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(PoolFailedException.class, failed -> {
            assertThat(failed.loop()).isEqualTo("a-loop");
            assertThat(failed).hasMessageContaining("a-loop").hasCause(fault);
        });
    }

    @Test
    void aLoopThatDiesWhileThePoolIsBeingOpenedFailsItsFirstCall() {
        var config = new PoolConfig(BrokerAddress.parse("amqp://not-used"), new QueueNames("farm"), SOON);
        var fault = new IllegalStateException("a fault");

        var stillborn = new Calls(config, listener -> {
            listener.died("a-loop", fault);
            return broker.open(listener);
        });

        assertFailed(() -> square(stillborn, 1), fault);
        assertThat(stillborn.join(SOON)).isTrue();
        assertThat(broker.opened()).as("the other test pool's").isEqualTo(1);
    }
}
