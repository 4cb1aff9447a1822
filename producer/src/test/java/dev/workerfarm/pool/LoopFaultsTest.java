package dev.workerfarm.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.error.PoolFailedException;
import dev.workerfarm.pool.transport.FakeWorker;
import dev.workerfarm.pool.transport.InMemoryBroker;
import dev.workerfarm.task.TimeLimits;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each loop of a pool, a fault in it, and what follows. */
@Timeout(30)
@Isolated // it finds threads by their names and frames
class LoopFaultsTest {
    private static final Set<String> PLACES =
            BrokerAddress.parse("amqp://not-used").places();

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Callee<@Nullable Object> SQUARE =
            new Callee<>("square", "tasks", null, value -> value, true, null, null, TimeLimits.NONE);
    /** What happens to a loop. */
    enum Fault {
        EXCEPTION,
        ERROR,
        /** Of the loop's thread; nobody in the pool has asked for it. */
        STRAY_INTERRUPT
    }

    /** A loop that is brought to a fault. */
    enum LoopUnderTest {
        MAP_INPUT,
        MAP_FEEDER,
        POOL_THREAD,
        CALLBACK,
        PROGRESS,
        PUBLISH_AGAIN,
        REPLIES
    }

    private final RuntimeException exception = new IllegalStateException("a fault");
    private final Error error = new AssertionError("a fault");
    private final InMemoryBroker broker = new InMemoryBroker();
    private final FakeWorker worker = new FakeWorker(broker, "tasks");
    private final Calls calls = new Calls(PLACES, new QueueNames("farm"), SOON, new Callbacks(null), broker);
    /** Pending in every case, and none of the loop's business. */
    private final AsyncResult<@Nullable Object> bystander = call(3);

    /** What becomes of the pool: the loop that its failure names, or null: the pool goes on. */
    static Stream<Arguments> table() {
        return Stream.of(
                Arguments.of(LoopUnderTest.MAP_INPUT, Fault.EXCEPTION, null),
                Arguments.of(LoopUnderTest.MAP_INPUT, Fault.ERROR, null),
                Arguments.of(LoopUnderTest.MAP_INPUT, Fault.STRAY_INTERRUPT, null),
                Arguments.of(LoopUnderTest.MAP_FEEDER, Fault.EXCEPTION, "workerfarm-map-"),
                Arguments.of(LoopUnderTest.MAP_FEEDER, Fault.ERROR, "workerfarm-map-"),
                Arguments.of(LoopUnderTest.MAP_FEEDER, Fault.STRAY_INTERRUPT, null),
                Arguments.of(LoopUnderTest.POOL_THREAD, Fault.EXCEPTION, "workerfarm-pool"),
                Arguments.of(LoopUnderTest.POOL_THREAD, Fault.ERROR, "workerfarm-pool"),
                Arguments.of(LoopUnderTest.POOL_THREAD, Fault.STRAY_INTERRUPT, null),
                Arguments.of(LoopUnderTest.CALLBACK, Fault.EXCEPTION, null),
                Arguments.of(LoopUnderTest.CALLBACK, Fault.ERROR, null),
                Arguments.of(LoopUnderTest.CALLBACK, Fault.STRAY_INTERRUPT, null),
                Arguments.of(LoopUnderTest.PROGRESS, Fault.EXCEPTION, null),
                Arguments.of(LoopUnderTest.PROGRESS, Fault.ERROR, null),
                Arguments.of(LoopUnderTest.PROGRESS, Fault.STRAY_INTERRUPT, null),
                Arguments.of(LoopUnderTest.PUBLISH_AGAIN, Fault.EXCEPTION, "workerfarm-publish-again"),
                Arguments.of(LoopUnderTest.PUBLISH_AGAIN, Fault.ERROR, "workerfarm-publish-again"),
                Arguments.of(LoopUnderTest.PUBLISH_AGAIN, Fault.STRAY_INTERRUPT, null),
                Arguments.of(LoopUnderTest.REPLIES, Fault.EXCEPTION, "in-memory-replies"),
                Arguments.of(LoopUnderTest.REPLIES, Fault.ERROR, "in-memory-replies"),
                Arguments.of(LoopUnderTest.REPLIES, Fault.STRAY_INTERRUPT, null));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("table")
    void aFaultOfALoopIsNotSilent(LoopUnderTest loop, Fault fault, @Nullable String failed) throws Exception {
        switch (loop) {
            case MAP_INPUT -> failInput(fault);
            case MAP_FEEDER -> failFeeder(fault);
            case POOL_THREAD -> failPoolThread(fault);
            case CALLBACK -> failCallback(fault);
            case PROGRESS -> failProgress(fault);
            case PUBLISH_AGAIN -> failPublishAgain(fault);
            case REPLIES -> failReplies(fault);
        }

        if (failed != null) {
            assertThatThrownBy(() -> bystander.get(SOON)).isInstanceOfSatisfying(PoolFailedException.class, failure -> {
                assertThat(failure.loop()).startsWith(failed);
                assertThat(failure).hasCause(throwable(fault));
            });
            assertThat(calls.join(SOON)).as("the pool is closed").isTrue();
        } else {
            soon().until(() ->
                    worker.taken().stream().anyMatch(task -> task.id().equals(bystander.id())));
            worker.taken().stream()
                    .filter(task -> task.id().equals(bystander.id()))
                    .forEach(worker::answer);
            assertThat(bystander.get(SOON)).isEqualTo(9L);
        }
    }

    @AfterEach
    void stop() {
        calls.terminate();
        broker.close();
    }

    private static ConditionFactory soon() {
        return await().atMost(SOON).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5));
    }

    private NamedCall square() {
        return new NamedCall(calls, SQUARE, CallSettings.DEFAULT);
    }

    private AsyncResult<@Nullable Object> call(long number) {
        return square().applyAsync(number);
    }

    /** An input of the numbers below {@code count}, with something done before the second. */
    private static Iterator<Long> numbers(long count, Runnable beforeSecond) {
        var numbers = LongStream.range(0, count).iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return numbers.hasNext();
            }

            @Override
            public Long next() {
                var number = numbers.next();
                if (number == 1) {
                    beforeSecond.run();
                }
                return number;
            }
        };
    }

    private Throwable throwable(Fault fault) {
        return fault == Fault.ERROR ? error : exception;
    }

    /** Has the running thread meet the fault. */
    private void raise(Fault fault) {
        switch (fault) {
            case EXCEPTION -> throw exception;
            case ERROR -> throw error;
            case STRAY_INTERRUPT -> Thread.currentThread().interrupt();
        }
    }

    /** The one thread that fits. */
    private static Thread awaitThread(Predicate<Map.Entry<Thread, StackTraceElement[]>> fits) {
        return soon().until(
                        () -> Thread.getAllStackTraces().entrySet().stream()
                                .filter(fits)
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow()
                .getKey();
    }

    private Results<@Nullable Object> imap(Iterator<Long> input) {
        return square().chunkSize(1).imap(() -> input);
    }

    /** Answers what has come, the bystander excepted. */
    private void answerTheOthers() {
        worker.taken().stream()
                .filter(task -> !task.id().equals(bystander.id()))
                .forEach(worker::answer);
    }

    /** The map's reader gets what its own input throws, and no other call does. */
    private void failInput(Fault fault) {
        // More than the window: the feeder meets the interrupt where it waits for a place.
        var results = imap(numbers(100, () -> raise(fault)));
        if (fault == Fault.STRAY_INTERRUPT) {
            assertReadsAll(results, 100);
        } else {
            soon().until(() -> worker.taken().size() == 2);
            answerTheOthers();
            assertThat(results.next()).isEqualTo(0L);
            assertThatThrownBy(results::next).isSameAs(throwable(fault));
        }
    }

    private void assertReadsAll(Results<@Nullable Object> results, long count) {
        for (long i = 0; i < count; i++) {
            var wanted = i + 2; // with the bystander
            soon().until(() -> worker.taken().size() >= wanted);
            answerTheOthers();
            assertThat(results.next()).isEqualTo(i * i);
        }
        assertThat(results.hasNext()).isFalse();
    }

    private void failFeeder(Fault fault) throws Exception {
        var feeder = new CompletableFuture<Thread>();
        var results = imap(numbers(100, () -> {
            feeder.complete(Thread.currentThread());
            if (fault != Fault.STRAY_INTERRUPT) {
                broker.failPublishing(throwable(fault));
            }
        }));
        if (fault == Fault.STRAY_INTERRUPT) {
            var thread = feeder.get(10, TimeUnit.SECONDS);
            soon().until(() -> thread.getState() == Thread.State.WAITING); // the window is full
            thread.interrupt();
            assertReadsAll(results, 100);
        } else {
            assertThatThrownBy(results::next).isInstanceOf(PoolFailedException.class);
        }
    }

    /** A thread of the pool collects the results of a map; what it runs itself does not throw, so it is given a task that does. */
    private void failPoolThread(Fault fault) throws Exception {
        if (fault != Fault.STRAY_INTERRUPT) {
            calls.threads.execute(() -> raise(fault));
            return;
        }
        var later = square().mapAsync(List.of(5L));
        var collector = awaitThread(thread -> Stream.of(thread.getValue())
                .anyMatch(frame -> frame.getMethodName().equals("addUninterrupted")));
        collector.interrupt();
        soon().until(() -> worker.taken().size() == 2);
        answerTheOthers();
        assertThat(later.get(SOON)).isEqualTo(List.of(25L));
    }

    private void failCallback(Fault fault) throws Exception {
        var called = new CountDownLatch(2);
        Consumer<Object> callback = result -> {
            called.countDown();
            raise(fault);
        };
        var result = call(5).callback(callback).callback(callback);
        soon().until(() -> worker.taken().size() == 2);
        answerTheOthers();
        assertThat(result.get(SOON)).isEqualTo(25L);
        assertThat(called.await(10, TimeUnit.SECONDS)).isTrue();
    }

    private void failProgress(Fault fault) throws Exception {
        var all = new CountDownLatch(1);
        var results = square().chunkSize(1)
                .progress((done, total) -> {
                    if (done == 2) {
                        all.countDown();
                    }
                    raise(fault);
                })
                .imap(List.of(0L, 1L));
        assertReadsAll(results, 2);
        assertThat(all.await(10, TimeUnit.SECONDS))
                .as("the last count is reported")
                .isTrue();
    }

    private void failPublishAgain(Fault fault) {
        soon().until(() -> worker.taken().size() == 1);
        var replies = Objects.requireNonNull(worker.taken().get(0).replyTo());
        if (fault != Fault.STRAY_INTERRUPT) {
            broker.failPublishing(throwable(fault));
            broker.delete(replies);
            return;
        }
        broker.delayPublishing(true);
        broker.delete(replies);
        var thread = awaitThread(each -> each.getKey().getName().equals("workerfarm-publish-again")
                && each.getKey().getState() == Thread.State.TIMED_WAITING);
        thread.interrupt();
        broker.delayPublishing(false);
        soon().until(() -> worker.taken().size() == 2);
    }

    private void failReplies(Fault fault) {
        soon().until(() -> worker.taken().size() == 1);
        broker.beforeReply(() -> raise(fault));
        var other = call(4);
        soon().until(() -> worker.taken().size() == 2);
        answerTheOthers();
        if (fault == Fault.STRAY_INTERRUPT) {
            assertThat(other.get(SOON)).isEqualTo(16L);
        }
    }
}
