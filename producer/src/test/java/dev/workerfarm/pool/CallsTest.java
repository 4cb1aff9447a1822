package dev.workerfarm.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.error.CallInterruptedException;
import dev.workerfarm.error.FarmException;
import dev.workerfarm.error.NestedCallRefused;
import dev.workerfarm.error.PoolFailedException;
import dev.workerfarm.error.PublishException;
import dev.workerfarm.error.PublishTimeoutException;
import dev.workerfarm.error.ResultTimeoutException;
import dev.workerfarm.error.TaskCancelledException;
import dev.workerfarm.error.TaskFailedException;
import dev.workerfarm.pool.transport.FakeWorker;
import dev.workerfarm.pool.transport.InMemoryBroker;
import dev.workerfarm.task.Square;
import dev.workerfarm.task.TaskQueue;
import dev.workerfarm.task.TimeLimits;
import dev.workerfarm.task.lane.RunningLane;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CallsTest {
    private static final Set<String> PLACES =
            BrokerAddress.parse("amqp://not-used").places();

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Callee<@Nullable Object> SQUARE =
            new Callee<>("square", "tasks", null, value -> value, true, null, null, TimeLimits.NONE);

    private static final Callee<Number> REPORT =
            Callee.of(Square.TYPE.on(TaskQueue.named("reports", 4)), new QueueNames("farm"));

    private final InMemoryBroker broker = new InMemoryBroker();
    private final Calls calls = calls(SOON);

    private Calls calls(Duration publishTimeout) {
        return new Calls(PLACES, new QueueNames("farm"), publishTimeout, new Callbacks(null), broker);
    }

    private TaskCall<Square, Number> report() {
        return new TaskCall<>(calls, REPORT, CallSettings.DEFAULT);
    }

    @AfterEach
    void stop() {
        calls.terminate();
        broker.close();
    }

    private static NamedCall square(Calls of) {
        return new NamedCall(of, SQUARE, CallSettings.DEFAULT);
    }

    private static AsyncResult<@Nullable Object> square(Calls of, long number) {
        return square(of).applyAsync(number);
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
    void aThreadThatRunsATaskOfTheLaneMayNotWaitForTheLanesQueueAndNothingIsPublished() {
        var lane = new RunningLane(BrokerAddress.parse("amqp://not-used").places(), Set.of("tasks"));
        broker.declare("tasks");
        List<ThrowingCallable> waits = List.of(
                () -> square(calls).apply(1L),
                () -> square(calls).map(List.of(1L)),
                () -> square(calls).starmap(List.of(List.of(1L))),
                () -> square(calls).imap(List.of(1L)),
                () -> square(calls).outcomes(List.of(1L)));

        lane.run(() -> {
            waits.forEach(wait -> assertThatThrownBy(wait).isInstanceOf(NestedCallRefused.class));
            assertThat(broker.take("tasks")).isEmpty();
            var later = square(calls, 1);
            assertThatThrownBy(later::get).isInstanceOf(NestedCallRefused.class);
            assertThatThrownBy(() -> later.await(SOON)).isInstanceOf(NestedCallRefused.class);
            calls.close();
            assertThatThrownBy(() -> calls.join(SOON)).isInstanceOf(NestedCallRefused.class);
        });
    }

    @Test
    void aLaneOfAnotherQueueOrBrokerMayWait() {
        FakeWorker.answering(broker, "tasks");
        var own = BrokerAddress.parse("amqp://not-used").places();
        var others = BrokerAddress.parse("amqp://not-used/other").places();
        for (var lane : List.of(new RunningLane(own, Set.of("others")), new RunningLane(others, Set.of("tasks")))) {
            lane.run(() -> assertThat(square(calls).apply(2L)).isEqualTo(4L));
        }
        assertThat(RunningLane.current()).isNull();
    }

    @Test
    void mapsInTheInputsOrder() {
        FakeWorker.answering(broker, "tasks");
        var numbers = LongStream.range(0, 10_000).boxed().toList();

        assertThat(square(calls).map(numbers))
                .isEqualTo(numbers.stream().map(n -> n * n).toList());
    }

    @Test
    void theProgressOfAMapIsReportedBeforeItsResultAndNotAfter() {
        FakeWorker.answering(broker, "tasks");
        List<Long> counts = new CopyOnWriteArrayList<>();
        var slow = square(calls).chunkSize(1).progress((done, total) -> {
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            counts.add(done);
        });

        assertThat(slow.map(List.of(1, 2, 3))).isEqualTo(List.of(1L, 4L, 9L));
        assertThat(counts).endsWith(3L);

        counts.clear();
        assertThat(slow.mapAsync(List.of(1, 2, 3, 4)).get(SOON)).hasSize(4);
        assertThat(counts).endsWith(4L);

        counts.clear();
        assertThatThrownBy(() -> slow.map(List.of(1, -1, 2))).isInstanceOf(TaskFailedException.class);
        var untilThen = List.copyOf(counts);
        square(calls, 1).callback(done -> {}).get(SOON); // runs behind all reports
        assertThat(counts).isEqualTo(untilThen);
    }

    @Test
    void anArgumentThatIsNullIsNamed() {
        var square = square(calls);
        Map<String, ThrowingCallable> doors = Map.of(
                "items", () -> square.map(missing()),
                "argLists", () -> square.starmap(missing()),
                "type", () -> Callee.of(missing(), new QueueNames("farm")),
                "name", () -> Callee.named(missing(), new QueueNames("farm")),
                "timeout", () -> square(calls, 1).get(missing()),
                "callback", () -> square(calls, 1).callback(missing()),
                "errorCallback", () -> square(calls, 1).errorCallback(missing()),
                "url", () -> Pool.builder().broker(missing()));

        doors.forEach((name, door) -> assertThatThrownBy(door)
                .isInstanceOf(NullPointerException.class)
                .hasMessage(name));
        assertThatThrownBy(() -> Pool.builder().broker("localhost"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("broker(url): it does not start with amqp://");
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // what a caller without NullAway may give
    private static <T> T missing() {
        return null;
    }

    @Test
    void aMapThrowsTheFirstFailureByIndexThoughALaterOneCameBefore() {
        var worker = new FakeWorker(broker, "tasks");
        var later = square(calls).chunkSize(1).mapAsync(List.of(1L, -2L, -3L));
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
    void theQueueOfATypeNeedsNoWorkerToBeThereAndAQueueThatTheCallerNamesDoes() {
        report().publish(3L).get(SOON);
        assertThat(broker.take("farm.reports")).hasSize(1);

        var result = report().queue("farm.mistyped").applyAsync(3L);
        assertThatThrownBy(() -> result.get(SOON)).isInstanceOf(PublishException.class);
        assertThat(broker.exists("farm.mistyped")).isFalse();
    }

    @Test
    void aMapOverAQueueOfSeveralAtATimeHasOneItemAMessage() {
        var worker = new FakeWorker(broker, "farm.reports");
        report().mapAsync(List.of(1L, 2L, 3L, 4L));

        await().until(() -> worker.taken().size() == 4);
    }

    @Test
    void aFailedMapRevokesWhatHasNotBegun() {
        var worker = new FakeWorker(broker, "tasks");
        var later = square(calls).chunkSize(1).mapAsync(List.of(-1L, 2L));
        await().until(() -> worker.taken().size() == 2);

        worker.answer(worker.taken().get(0));

        assertThatThrownBy(() -> later.get(SOON)).isInstanceOf(TaskFailedException.class);
        await().until(() -> broker.broadcasts().size() == 1);
    }

    @Test
    void aCancelledCallAndMapAreThrownAndRevoked() {
        var worker = new FakeWorker(broker, "tasks");
        var call = square(calls, 1);
        var map = square(calls).mapAsync(List.of(2L));
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

        var published = square(hurried).publish(1L);
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
        var later = square(calls).mapAsync(List.of(2L));
        Iterable<Long> endless = LongStream.iterate(0, i -> i + 1)::iterator;
        var imap = square(calls).imap(endless);
        broker.freeze();
        var published = square(calls).publish(1L);

        var fault = new OutOfMemoryError("a fault");
        calls.died("a-loop", fault);
        calls.died("another-loop", new IllegalStateException("which follows from the first"));

        assertFailed(() -> call.get(SOON), fault);
        assertFailed(() -> later.get(SOON), fault);
        assertFailed(imap::next, fault);
        assertFailed(() -> published.get(SOON), fault);
        assertFailed(() -> square(calls, 2), fault);
        assertFailed(() -> square(calls).imap(List.of(1L)), fault);
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
        var fault = new IllegalStateException("a fault");

        var stillborn = new Calls(PLACES, new QueueNames("farm"), SOON, new Callbacks(null), listener -> {
            listener.died("a-loop", fault);
            return broker.apply(listener);
        });

        assertFailed(() -> square(stillborn, 1), fault);
        assertThat(stillborn.join(SOON)).isTrue();
        assertThat(broker.opened()).as("the other test pool's").isEqualTo(1);
    }

    @Test
    void callbacksRunOneAfterTheOtherAndBeforeGetReturns() {
        FakeWorker.answering(broker, "tasks");
        List<Object> called = new ArrayList<>(); // for one thread at a time
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        List<AsyncResult<@Nullable Object>> results = new ArrayList<>();
        for (long n = 0; n < 20_000; n++) {
            results.add(square(calls, n).callback(called::add).callback(value -> threads.add(Thread.currentThread())));
        }

        results.forEach(AsyncResult::get);

        assertThat(called).hasSize(20_000).doesNotHaveDuplicates();
        assertThat(threads).hasSize(1);
    }

    @Test
    void callbacksThatBlockHoldUpTheOthersAndNeedNoMoreThreads() throws Exception {
        FakeWorker.answering(broker, "tasks");
        var gate = new CountDownLatch(1);
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        List<AsyncResult<@Nullable Object>> results = new ArrayList<>();
        for (long n = 0; n < 3_000; n++) {
            results.add(square(calls, n).callback(value -> {
                threads.add(Thread.currentThread());
                awaitUnchecked(gate);
            }));
        }
        assertThat(square(calls, 2).get(SOON)).as("without a callback").isEqualTo(4L);
        assertThat(results.get(0).await(Duration.ofMillis(20))).isFalse();

        gate.countDown();

        results.forEach(result -> result.get(SOON));
        assertThat(threads).hasSize(1);
    }

    @Test
    void aCallbackMayReadItsOwnResultAndOthers() {
        FakeWorker.answering(broker, "tasks");
        var other = square(calls, 3).callback(value -> {});
        var read = new CompletableFuture<List<@Nullable Object>>();
        var result = square(calls, 2);

        result.callback(value -> read.complete(List.of(result.get(), other.get())));

        result.get(SOON);
        assertThat(read).isCompletedWithValue(List.of(4L, 9L));
    }

    @Test
    void callbacksRunOnTheExecutorOfTheCaller() {
        FakeWorker.answering(broker, "tasks");
        List<Runnable> given = Collections.synchronizedList(new ArrayList<>());
        var own = new Calls(PLACES, new QueueNames("farm"), SOON, new Callbacks(given::add), broker);
        List<Object> called = new ArrayList<>();

        var result = square(own, 3).callback(called::add);

        assertThat(result.get(SOON)).as("nobody waits for the executor").isEqualTo(9L);
        await().until(() -> given.size() == 1);
        assertThat(called).isEmpty();
        given.get(0).run();
        assertThat(called).containsExactly(9L);
        own.terminate();
    }

    @Test
    void whatGetThrowsHasTheFramesOfItsCaller() {
        var worker = new FakeWorker(broker, "tasks");
        var failed = square(calls, -1);
        var cancelled = square(calls, 1);
        var map = square(calls).mapAsync(List.of(-2L));
        await().until(() -> worker.taken().size() == 3);
        worker.taken().forEach(task -> {
            if (!task.id().equals(cancelled.id())) {
                worker.answer(task);
            }
        });
        cancelled.cancel();

        for (var result : List.of(failed, cancelled, map)) {
            for (int times = 0; times < 2; times++) {
                var thrown = catchThrowableOfType(FarmException.class, () -> result.get(SOON));
                assertThat(thrown.getStackTrace())
                        .anyMatch(frame -> frame.getMethodName().equals("whatGetThrowsHasTheFramesOfItsCaller")
                                || frame.getMethodName().startsWith("lambda$whatGetThrowsHasTheFramesOfItsCaller"));
            }
        }
    }

    @Test
    void anInterruptIsAnExceptionOfItsOwnAndTheFlagIsSetAgain() {
        broker.declare("tasks");
        var result = square(calls, 1);
        var results = square(calls).imap(List.of(1L));
        List<ThrowingCallable> waits = List.of(
                result::get,
                () -> result.await(SOON),
                result::join,
                results::next,
                () -> square(calls, 2).get(SOON));
        for (var wait : waits) {
            Thread.currentThread().interrupt();

            assertThatThrownBy(wait).isInstanceOf(CallInterruptedException.class);

            assertThat(Thread.interrupted()).isTrue();
        }
        calls.close();
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> calls.join(SOON)).isInstanceOf(CallInterruptedException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void anInterruptedThreadStillRevokesWhatItGivesUp() {
        var worker = new FakeWorker(broker, "tasks");
        var call = square(calls, 1);
        var results = square(calls).chunkSize(1).imap(List.of(1L, 2L));
        await().until(() -> worker.taken().size() == 3);

        Thread.currentThread().interrupt();
        assertThatThrownBy(results::next).isInstanceOf(CallInterruptedException.class);
        results.close();
        assertThat(call.cancel()).isTrue();

        assertThat(Thread.interrupted()).isTrue();
        await().until(() -> broker.broadcasts().size() == 2);
    }

    @Test
    void anExecutorThatRefusesACallbackLosesNoOther() {
        FakeWorker.answering(broker, "tasks");
        var refusals = new AtomicLong(1);
        Executor refusingOnce = task -> {
            if (refusals.getAndDecrement() > 0) {
                throw new RejectedExecutionException("on purpose");
            }
            task.run();
        };
        var own = new Calls(PLACES, new QueueNames("farm"), SOON, new Callbacks(refusingOnce), broker);
        var called = Collections.synchronizedList(new ArrayList<>());
        var result = square(own, 3);
        assertThat(result.get(SOON)).isEqualTo(9L);

        result.callback(value -> called.add("first"));
        result.callback(value -> called.add("second"));

        await().until(() -> called.equals(List.of("second")));
        refusals.set(1);
        assertThat(result.toCompletionStage().toCompletableFuture()).isCompletedExceptionally();
        own.terminate();
    }

    @Test
    void whileACallbackRunsTheResultIsNotReady() {
        FakeWorker.answering(broker, "tasks");
        var gate = new CountDownLatch(1);
        var result = square(calls, 3).callback(value -> awaitUnchecked(gate));

        assertThatThrownBy(() -> result.get(Duration.ofMillis(20)))
                .isInstanceOf(ResultTimeoutException.class)
                .hasMessageContaining("or its callbacks did not end");
        assertThat(result.ready()).isFalse();
        assertThatThrownBy(result::successful).isInstanceOf(IllegalStateException.class);
        gate.countDown();

        assertThat(result.get(SOON)).isEqualTo(9L);
        assertThat(result.successful()).isTrue();
    }

    @Test
    void aMapRefusesWhatOnlySingleCallsHave() {
        assertThatThrownBy(() -> square(calls).storing().map(List.of(1L)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("stored results");
        assertThatThrownBy(() -> square(calls).kwargs(Map.of("n", 1)).imap(List.of(1L)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("keyword arguments");
    }

    @Test
    void aWindowOfTheCallersChoiceBoundsWhatIsReadAhead() {
        FakeWorker.answering(broker, "tasks");
        var read = new AtomicLong();
        Iterable<Long> endless = LongStream.generate(read::incrementAndGet)::iterator;

        try (var results = square(calls).chunkSize(1).window(3).imap(endless)) {
            for (long n = 1; n <= 20; n++) {
                assertThat(results.next()).isEqualTo(n * n);
                assertThat(read.get()).isLessThanOrEqualTo(n + 4);
            }
        }
    }

    @Test
    void optionsAreCheckedWhereTheyAreGiven() {
        assertThatThrownBy(() -> square(calls).countdown(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("countdown");
        assertThatThrownBy(() -> square(calls).expires(Duration.ofDays(400)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expires");
        assertThatThrownBy(() -> square(calls).chunkSize(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> square(calls).window(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> square(calls).timeout(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("timeout");
        assertThatThrownBy(() -> square(calls).eta(Instant.MAX))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("eta");
        assertThat(square(calls).eta(Instant.MIN)).as("long past, so at once").isNotNull();
    }

    @Test
    void anOptionLeavesTheHandleItWasCalledOnAsItWas() {
        var plain = square(calls);

        assertThat(plain.queue("other").queueName()).isEqualTo("other");
        assertThat(plain.queueName()).isEqualTo("tasks");
    }

    private static void awaitUnchecked(CountDownLatch gate) {
        try {
            gate.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
