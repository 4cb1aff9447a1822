package dev.workerfarm.worker.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.broker.Topology.QueueHome;
import dev.workerfarm.task.TimeLimits;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.worker.answer.Outbox;
import dev.workerfarm.worker.answer.ResultStore;
import dev.workerfarm.worker.config.Recycling;
import dev.workerfarm.worker.delivery.Delivery;
import dev.workerfarm.worker.delivery.Handovers;
import dev.workerfarm.worker.delivery.Settler;
import dev.workerfarm.worker.delivery.Subscription;
import dev.workerfarm.worker.executor.Recycler;
import dev.workerfarm.worker.executor.TaskExecutor;
import dev.workerfarm.worker.link.RunningFile;
import dev.workerfarm.worker.process.Cancellation;
import dev.workerfarm.worker.process.JobThread;
import dev.workerfarm.worker.run.Activity;
import dev.workerfarm.worker.run.Gate;
import dev.workerfarm.worker.run.TimeLimitWatch;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of a lane's loops: what follows where one of them meets the unexpected. */
@Timeout(60)
@Isolated // it interrupts threads by their names
class LaneLoopsTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    enum Fault {
        RUNTIME_EXCEPTION,
        ERROR,
        STRAY_INTERRUPT
    }

    enum Follows {
        GOES_ON,
        ENDS_THE_PROCESS
    }

    static Stream<Arguments> table() {
        return Stream.of(
                        row("workerfarm-executor-1", Executor::new, Follows.ENDS_THE_PROCESS),
                        row("workerfarm-settler", Settling::new, Follows.ENDS_THE_PROCESS),
                        row("workerfarm-results", Results::new, Follows.GOES_ON),
                        row("workerfarm-time-limits", Limits::new, Follows.ENDS_THE_PROCESS),
                        row("workerfarm-outbox", Retrying::new, Follows.ENDS_THE_PROCESS),
                        row("workerfarm-test-often", Scheduled::new, Follows.GOES_ON),
                        row("workerfarm-test-once", ScheduledOnce::new, Follows.ENDS_THE_PROCESS))
                .flatMap(rows -> rows);
    }

    private static Stream<Arguments> row(String thread, Supplier<Part> part, Follows follows) {
        return Stream.of(
                Arguments.of(thread, part, Fault.RUNTIME_EXCEPTION, follows),
                Arguments.of(thread, part, Fault.ERROR, follows),
                Arguments.of(thread, part, Fault.STRAY_INTERRUPT, Follows.GOES_ON));
    }

    @ParameterizedTest(name = "{0} {2} {3}")
    @MethodSource("table")
    void meetsTheUnexpected(String thread, Supplier<Part> maker, Fault fault, Follows follows) {
        var part = maker.get();
        try {
            part.work();
            soon().until(() -> part.passes.get() >= 1);
            var thrown = switch (fault) {
                case RUNTIME_EXCEPTION -> new IllegalStateException("on purpose");
                case ERROR -> new StackOverflowError("on purpose");
                case STRAY_INTERRUPT -> null;
            };
            if (thrown == null) {
                interrupt(thread);
            } else {
                part.next.set(thrown);
                part.work();
                soon().until(() -> part.next.get() == null);
            }
            if (follows == Follows.ENDS_THE_PROCESS) {
                soon().untilAsserted(() -> assertThat(part.ends).containsExactly(thrown));
            } else {
                var before = part.passes.get();
                part.work();
                soon().until(() -> part.passes.get() > before);
                assertThat(part.ends).isEmpty();
            }
        } finally {
            part.close();
        }
    }

    private static ConditionFactory soon() {
        return await().atMost(SOON).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5));
    }

    private static void interrupt(String name) {
        var threads = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name))
                .toList();
        assertThat(threads).as("threads named " + name).isNotEmpty();
        threads.forEach(Thread::interrupt);
    }

    /** A part with one loop. */
    abstract static class Part {
        final AtomicInteger passes = new AtomicInteger();
        final AtomicReference<@Nullable Throwable> next = new AtomicReference<>();
        final List<Throwable> ends = new CopyOnWriteArrayList<>();

        /** Has the loop do a pass. */
        abstract void work();

        abstract void close();

        /** In the loop's pass. */
        final void pass() {
            var fault = next.getAndSet(null);
            if (fault instanceof Error error) {
                throw error;
            }
            if (fault instanceof RuntimeException exception) {
                throw exception;
            }
            passes.incrementAndGet();
        }
    }

    @SuppressWarnings("NullAway") // no subscription: nobody settles it
    private static Delivery delivery(@Nullable Subscription subscription) {
        return new Delivery(subscription, 1, "queue", false, new AMQP.BasicProperties(), new byte[0]);
    }

    private static final class Executor extends Part {
        private final BlockingQueue<Delivery> inbox = new LinkedBlockingQueue<>();
        private final TaskExecutor executor = new TaskExecutor(
                inbox,
                List.of(RunningFile.open(null, "test", 1).slot(0)),
                (delivery, slot) -> pass(),
                new Recycler(new Recycling(0, 0), new Activity(Clock.systemUTC()), () -> {}),
                new Cancellation(),
                ends::add);

        Executor() {
            executor.start();
        }

        @Override
        void work() {
            inbox.add(delivery(null));
        }

        @Override
        void close() {
            executor.abandon();
        }
    }

    private static final class Settling extends Part {
        private final Handovers handovers =
                new Handovers((queue, copy) -> new CompletableFuture<>(), delivery -> pass());
        private final Settler settler = new Settler(handovers, ends::add).start();

        @Override
        void work() {
            settler.arrived(delivery(null)); // no copy of ours: handed on
        }

        @Override
        void close() {
            settler.finish();
        }
    }

    private static final class Results extends Part {
        private final ResultStore results = new ResultStore(outcomes -> pass()).start();

        @Override
        void work() {
            // A message waits for this before its ack: it completes whatever happens.
            results.store("id", new Outcome.Succeeded(1L))
                    .orTimeout(SOON.toSeconds(), TimeUnit.SECONDS)
                    .join();
        }

        @Override
        void close() {
            results.close();
        }
    }

    private static final class Limits extends Part {
        private final TimeLimitWatch watch = new TimeLimitWatch(this::pass, ends::add);

        @Override
        void work() {
            watch.begin(
                    new Gate("id", Thread.currentThread()), TimeLimits.NONE.withHard(Duration.ofMillis(1)), () -> {});
        }

        @Override
        void close() {}
    }

    private static final class Retrying extends Part {
        private final Cancellation cancellation = new Cancellation();
        private final Outbox outbox = new Outbox(new RefusingOnce(), cancellation, ends::add);

        @Override
        void work() {
            outbox.deliver("queue", new EncodedMessage(new AMQP.BasicProperties(), new byte[0]), true);
        }

        @Override
        void close() {
            cancellation.cancel();
            outbox.close();
        }

        /** Each first attempt is refused, each second one is the loop's. */
        private final class RefusingOnce implements Outbox.Publisher {
            private final AtomicInteger attempts = new AtomicInteger();

            @Override
            public CompletableFuture<Void> publish(
                    String queue, EncodedMessage message, boolean mandatory, @Nullable Instant due) {
                if (attempts.incrementAndGet() % 2 == 1) {
                    return CompletableFuture.failedFuture(new IllegalStateException("refused"));
                }
                pass();
                return CompletableFuture.completedFuture(null);
            }

            @Override
            public QueueHome look(String queue) {
                return new QueueHome(true, null);
            }

            @Override
            public void declareReplies(String queue) {}
        }
    }

    private static final class Scheduled extends Part {
        private final JobThread thread = new JobThread("workerfarm-test-often");

        Scheduled() {
            thread.every(Duration.ofMillis(1), "test", this::pass);
        }

        @Override
        void work() {} // by itself

        @Override
        void close() {
            thread.close();
        }
    }

    private static final class ScheduledOnce extends Part {
        private final JobThread thread = new JobThread("workerfarm-test-once");

        @Override
        void work() {
            thread.once(Duration.ZERO, "test", this::pass, ends::add);
        }

        @Override
        void close() {
            thread.close();
        }
    }
}
