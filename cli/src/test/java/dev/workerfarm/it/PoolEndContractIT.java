package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.error.FarmException;
import dev.workerfarm.error.TaskCancelledException;
import dev.workerfarm.error.TaskFailedException;
import dev.workerfarm.pool.AsyncResult;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.shared.SharedValue;
import dev.workerfarm.shared.Typecode;
import dev.workerfarm.status.StatusClient;
import dev.workerfarm.task.BuiltIn.Fail;
import dev.workerfarm.task.BuiltIn.Sleep;
import dev.workerfarm.task.Square;
import dev.workerfarm.task.UpdateValue;
import dev.workerfarm.testkit.Gated;
import dev.workerfarm.testkit.JavaProcess;
import dev.workerfarm.testkit.TestFarm;
import dev.workerfarm.wire.control.WorkerStatus;
import dev.workerfarm.worker.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Callbacks, cancelling, and the ways in which a pool ends. */
@Timeout(60)
class PoolEndContractIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private Path scratch;

    private static TestFarm farm;
    private static Worker workers;
    private static Pool pool;
    private static StatusClient status;

    @BeforeAll
    static void start() {
        farm = TestFarm.onSharedServices(PoolEndContractIT.class);
        workers = farm.startWorkers(1, 0);
        pool = farm.connect();
        status = StatusClient.connect(farm.broker(), farm.names(), null);
    }

    @AfterAll
    static void stop() {
        status.close();
        pool.terminate();
        workers.close();
        farm.close();
    }

    // Callbacks

    @Test
    void nothingOfTheClientWaitsOnceAPoolHasEnded() {
        var leaving = farm.connect();
        assertThat(leaving.apply(Square.TYPE, 3)).isEqualTo(9L);
        leaving.close();
        assertThat(leaving.join(SOON)).isTrue();

        // It would wait for its last calls for 10 s, and then warn.
        await("the last calls of amqp-client")
                .atMost(Duration.ofSeconds(5))
                .until(() -> Thread.getAllStackTraces().values().stream()
                        .flatMap(Arrays::stream)
                        .noneMatch(
                                frame -> frame.getClassName().startsWith("com.rabbitmq.client.impl.ChannelManager")));
    }

    @Test
    void aCallbackGetsTheResultAndAnErrorCallbackTheFailure() throws Exception {
        var result = new CompletableFuture<Object>();
        var failure = new CompletableFuture<RuntimeException>();

        pool.starmapAsync(Square.TYPE, List.of(List.of(2), List.of(3)))
                .callback(result::complete)
                .errorCallback(failure::complete);
        assertThat(result.get(20, TimeUnit.SECONDS)).isEqualTo(List.of(4L, 9L));
        assertThat(failure).isNotDone();

        pool.applyAsync(Fail.TYPE, "no").callback(any -> failure.cancel(false)).errorCallback(failure::complete);
        assertThat(failure.get(20, TimeUnit.SECONDS)).isInstanceOf(TaskFailedException.class);
    }

    @Test
    void aCallbackThatFailsSpoilsNothing() {
        var result = pool.applyAsync(Square.TYPE, 5).callback(any -> {
            throw new IllegalStateException("a callback's own");
        });
        assertThat(result.get(SOON)).isEqualTo(25L);
        assertThat(pool.apply(Square.TYPE, 6)).isEqualTo(36L);
    }

    // Cancelling

    @Test
    void aCancelledTaskThatHasNotBegunIsNotRun() throws Exception {
        try (var shared = farm.shared()) {
            var value = made(shared.value("aCancelledTaskThatHasNotBegunIsNotRun"));
            var occupant = occupyTheWorker();
            var cancelled = pool.applyAsync(UpdateValue.TYPE, value.name(), 1);
            occupant.awaitBehind(1);

            assertThat(cancelled.cancel()).isTrue();
            assertThatThrownBy(cancelled::get)
                    .isInstanceOf(TaskCancelledException.class)
                    .hasMessageContaining(cancelled.id());
            awaitRevocationsHeard();
            occupant.release();

            // The worker takes tasks in their order: after this one the cancelled one would have run.
            assertThat(pool.apply(UpdateValue.TYPE, value.name(), 10)).isEqualTo(10L);
            value.delete();
        }
    }

    @Test
    void theItemsOfACancelledMapThatHaveNotBegunAreNotRun() throws Exception {
        try (var shared = farm.shared()) {
            var value = made(shared.value("theItemsOfACancelledMapThatHaveNotBegunAreNotRun"));
            var occupant = occupyTheWorker();
            var calls = Collections.nCopies(200, List.of(value.name(), 1));
            var cancelled = pool.task(UpdateValue.TYPE).chunkSize(50).starmapAsync(calls);
            occupant.awaitBehind(4);

            assertThat(cancelled.cancel()).isTrue();
            assertThatThrownBy(cancelled::get).isInstanceOf(TaskCancelledException.class);
            awaitRevocationsHeard();
            occupant.release();

            assertThat(pool.apply(UpdateValue.TYPE, value.name(), 10)).isEqualTo(10L);
            value.delete();
        }
    }

    @Test
    void theCancelledItemsOfAMapAreNoProgress() throws Exception {
        var heard = new AtomicLong();
        var gate = scratch.resolve("gate");
        var calls = new ArrayList<List<?>>();
        for (var i = 0; i < 10; i++) {
            // Of the two that run at first one ends, as its gate is there.
            calls.add(List.of(mark(i).toString(), (i == 0 ? scratch : gate).toString(), ""));
        }
        var cancelled = pool.task(Gated.TYPE)
                .chunkSize(1)
                .progress((done, total) -> heard.set(done))
                .starmapAsync(calls);
        await("one item to end and the next to begin")
                .atMost(SOON)
                .until(() -> heard.get() == 1 && Files.exists(mark(1)));

        assertThat(cancelled.cancel()).isTrue();

        // Nothing says that no report comes any more; a wrong one came at once.
        await().during(Duration.ofMillis(500)).atMost(SOON).until(() -> heard.get() == 1);
        Files.createFile(gate);
    }

    @Test
    void whatHasEndedCannotBeCancelled() {
        var result = pool.applyAsync(Square.TYPE, 7);
        result.join();

        assertThat(result.cancel()).isFalse();
        assertThat(result.get()).isEqualTo(49L);
    }

    // Close, join, terminate

    @Test
    void aClosedPoolTakesNoMoreCallsAndStillDeliversWhatIsUnderWay() throws Exception {
        var leaving = farm.connect();
        var occupant = occupyTheWorker();
        var result = leaving.applyAsync(Square.TYPE, 5);
        var list = leaving.mapAsync(Square.TYPE, List.of(1, 2, 3));
        leaving.close();

        assertThatThrownBy(() -> leaving.apply(Square.TYPE, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> leaving.map(Square.TYPE, List.of(1))).isInstanceOf(IllegalStateException.class);
        assertThat(leaving.join(Duration.ZERO)).isFalse();
        occupant.release();
        assertThat(result.get(SOON)).isEqualTo(25L);
        assertThat(list.get(SOON)).isEqualTo(List.of(1L, 4L, 9L));
        assertThat(leaving.join(SOON)).isTrue();
    }

    static List<BiFunction<Pool, String, AsyncResult<?>>> oneUpdate() {
        return List.of(
                (from, value) -> from.applyAsync(UpdateValue.TYPE, value, 1),
                (from, value) -> from.starmapAsync(UpdateValue.TYPE, List.of(List.of(value, 1))));
    }

    @ParameterizedTest
    @MethodSource("oneUpdate")
    void theLastCallOfAClosedPoolIsRevokedBeforeTheConnectionGoes(BiFunction<Pool, String, AsyncResult<?>> update)
            throws Exception {
        try (var shared = farm.shared()) {
            var value = made(shared.value("theLastCallOfAClosedPoolIsRevokedBeforeTheConnectionGoes"));
            var occupant = occupyTheWorker();
            for (int pools = 1; pools <= 20; pools++) { // the end runs on another thread, and has to lose each time
                var leaving = farm.connect();
                var last = update.apply(leaving, value.name());
                occupant.awaitBehind(pools);
                leaving.close();

                assertThat(last.cancel()).isTrue();
                assertThat(leaving.join(SOON)).isTrue();
            }
            awaitRevocationsHeard();
            occupant.release();

            assertThat(pool.apply(UpdateValue.TYPE, value.name(), 10)).isEqualTo(10L);
            value.delete();
        }
    }

    @Test
    void aPoolWithNothingUnderWayIsGoneWhenCloseReturns() {
        for (int i = 0; i < 5; i++) {
            var leaving = farm.connect();
            assertThat(leaving.map(Square.TYPE, List.of(1, 2))).isEqualTo(List.of(1L, 4L));
            assertThat(leaving.apply(Square.TYPE, 3)).isEqualTo(9L);
            leaving.close();
            assertThat(leaving.join(Duration.ZERO)).isTrue();
        }
    }

    @Test
    void joiningAPoolThatIsOpenIsWrongUse() {
        assertThatThrownBy(() -> pool.join(SOON))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("close()");
    }

    @Test
    void aProgramThatEndsWithAnOpenPoolHasPublishedItsCalls() throws Exception {
        var queue = farm.names().namespace() + ".left";
        farm.onBroker(channel -> channel.queueDeclare(queue, true, false, false, Map.of()));
        try (var program = JavaProcess.start(farm.environment(), Leaving.class, queue)) {
            assertThat(program.awaitExit(SOON)).isZero();
        }

        assertThat(farm.waiting(queue)).isGreaterThanOrEqualTo(Leaving.CALLS + Leaving.ITEMS);
        farm.onBroker(channel -> channel.queueDelete(queue));
    }

    /** Calls tasks whose answers it does not wait for. */
    static final class Leaving {
        static final int CALLS = 3_000;
        static final int ITEMS = 500;

        private Leaving() {}

        public static void main(String[] args) {
            var square = Pool.fromEnvironment().task(Square.TYPE).queue(args[0]);
            for (int i = 0; i < CALLS; i++) {
                square.applyAsync(i);
            }
            square.chunkSize(1).mapAsync(LongStream.range(0, ITEMS).boxed().toList());
        }
    }

    @Test
    void aReplyThatCannotBeReadFailsItsCall() throws Exception {
        var queue = farm.names().namespace() + ".unread";
        farm.onBroker(channel -> channel.queueDeclare(queue, true, false, false, Map.of()));
        var result = pool.task(Square.TYPE).queue(queue).applyAsync(3);
        await("the task").atMost(SOON).until(() -> farm.waiting(queue) == 1);
        farm.onBroker(channel -> {
            var task = channel.basicGet(queue, true).getProps();
            var reply = new AMQP.BasicProperties.Builder()
                    .correlationId(task.getCorrelationId())
                    .build();
            channel.basicPublish("", task.getReplyTo(), reply, TestFarm.bytes("no result"));
            return channel.queueDelete(queue);
        });

        assertThatThrownBy(() -> result.get(SOON))
                .isInstanceOf(TaskFailedException.class)
                .hasMessageContaining("cannot be read");
    }

    @Test
    void aTerminatedPoolFailsEveryWaiterAtOnce() throws Exception {
        var leaving = farm.connect();
        var occupant = occupyTheWorker();
        List<AsyncResult<?>> awaited = new ArrayList<>();
        awaited.add(leaving.applyAsync(Sleep.TYPE, 30_000));
        awaited.add(leaving.mapAsync(Sleep.TYPE, Collections.nCopies(100, 30_000)));
        var endless = leaving.imap(Square.TYPE, LongStream.iterate(1, n -> n + 1)::iterator);
        occupant.awaitBehind(3);
        leaving.terminate();

        assertThat(awaited)
                .allSatisfy(result ->
                        assertThatThrownBy(() -> result.get(SOON)).isInstanceOf(TaskCancelledException.class));
        assertThatThrownBy(() -> endless.forEach(square -> {})).isInstanceOf(FarmException.class);
        assertThat(leaving.join(Duration.ZERO)).isTrue();
        awaitRevocationsHeard();
        occupant.release();
        // None of the long sleeps has begun, or this would wait for it.
        assertThat(pool.applyAsync(Square.TYPE, 8).get(SOON)).isEqualTo(64L);
    }

    private static SharedValue made(SharedValue value) {
        value.make(Typecode.I, 0);
        return value;
    }

    /** Keeps the one worker busy until it is released. */
    private final class Occupant {
        private final Path gate = scratch.resolve("gate");
        private final AsyncResult<Object> busy =
                pool.applyAsync(Gated.TYPE, mark(0).toString(), gate.toString(), "released");
        private final int counted;

        Occupant() throws IOException, TimeoutException {
            await("the task that occupies the worker").atMost(SOON).until(() -> Files.exists(mark(0)));
            this.counted = farm.waiting(farm.tasks());
        }

        /** Waits until so many messages are in the queue, or with the worker, which holds some. */
        void awaitBehind(int messages) {
            await("messages behind it").atMost(SOON).until(() -> behind() >= messages);
        }

        private int behind() throws Exception {
            var queued = farm.waiting(farm.tasks());
            if (counted > 0) {
                return queued - counted; // Broker-J counts what is held
            }
            return queued
                    + status.ask(Duration.ofSeconds(5)).workers().stream()
                            .mapToInt(WorkerStatus::waiting)
                            .sum();
        }

        void release() throws IOException {
            assertThat(busy.ready()).isFalse();
            Files.createFile(gate);
            assertThat(busy.get(SOON)).isEqualTo("released");
        }
    }

    private Occupant occupyTheWorker() throws IOException, TimeoutException {
        return new Occupant();
    }

    private Path mark(int number) {
        return scratch.resolve("begun-" + number);
    }

    /**
     * Waits until the worker knows what has been revoked: it answers questions from the queue that brings revocations, in
     * their order.
     */
    private static void awaitRevocationsHeard() {
        // A pool that terminates waits for its confirms; one that goes on publishes in order, so that this confirm says
        // it.
        pool.task(Square.TYPE).publish(1).get(SOON);
        await("an answer of the worker")
                .atMost(SOON)
                .until(() -> status.ask(Duration.ofSeconds(5)).workers().size() == 1);
    }
}
