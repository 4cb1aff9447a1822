package dev.workerfarm.worker.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.task.RawArguments;
import dev.workerfarm.task.RetryLater;
import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskType;
import dev.workerfarm.task.TimeLimits;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.WrongArgumentsException;
import dev.workerfarm.wire.task.CallHeaders;
import dev.workerfarm.wire.task.TaskMessage;
import dev.workerfarm.worker.process.Cancellation;
import dev.workerfarm.worker.run.Execution.DeadReason;
import dev.workerfarm.worker.task.ShortTask;
import dev.workerfarm.worker.task.SquareTask;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TaskRunnerTest {
    /** An exception of which nothing can be learned. */
    private static final class Mute extends RuntimeException {
        @Override
        public String getMessage() {
            throw new IllegalStateException("not even this");
        }
    }

    /** A record that can never be made: its class cannot be initialised. */
    record Broken(long n) {
        @SuppressWarnings("UnusedVariable") // making it is the point
        private static final int NONE = Integer.parseInt("no number");
    }

    private final Activity activity = new Activity(Clock.systemUTC());
    private final Cancellation cancellation = new Cancellation();
    private final Revocations revocations = new Revocations();
    private final List<Outcome> overdue = new CopyOnWriteArrayList<>();
    private TimeLimits limits = TimeLimits.NONE;

    @AfterEach
    void clearInterrupt() {
        Thread.interrupted();
    }

    private Execution run(List<Object> args, Map<String, Object> kwargs, Task<?, ?>... tasks) {
        var runner = new TaskRunner(
                "cpu-1@here.7",
                TaskRegistry.load(List.of(tasks)),
                activity,
                cancellation,
                revocations,
                new TimeLimitWatch(cancellation::cancel, fault -> {}));
        var name = tasks.length == 0 ? "nix" : tasks[0].type().name();
        var headers = CallHeaders.of(null, null, null, limits);
        var message = new TaskMessage("id-1", name, 3, 0, args, kwargs, null, "id-1", false, headers);
        var calls = runner.begin(name, message, new StubCalls("id-1", args, kwargs, overdue::add));
        try {
            return Execution.of(runner.run(
                    calls,
                    0,
                    runner.usesSharedState(name) ? new StubShared() : null,
                    thrown -> new Outcome.Failed(Failure.of(thrown))));
        } finally {
            runner.end(calls);
        }
    }

    private Execution run(StubTask.Work<RawArguments> work) {
        return run(List.of(), Map.of(), StubTask.of("stub", work));
    }

    private static Failure failure(Execution execution) {
        assertThat(execution.outcome()).isInstanceOf(Outcome.Failed.class);
        return ((Outcome.Failed) execution.outcome()).failure();
    }

    @Test
    void returnsWhatTheTaskReturns() {
        assertThat(run((args, context) -> "done")).isEqualTo(Execution.of(new Outcome.Succeeded("done")));
        assertThat(run((args, context) -> null)).isEqualTo(Execution.of(new Outcome.Succeeded(null)));
        assertThat(run(Arrays.asList(1L, null), Map.of("a", 2L), ShortTask.ECHO))
                .isEqualTo(Execution.of(new Outcome.Succeeded(List.of(Arrays.asList(1L, null), Map.of("a", 2L)))));
    }

    private static final TimeLimits SOFT = TimeLimits.NONE.withSoft(Duration.ofMillis(20));

    @Test
    void aRunIsInterruptedAtItsSoftLimitAndFailsByThatIfItThrows() {
        limits = SOFT;
        var execution = run((args, context) -> {
            Thread.sleep(60_000);
            return "slept";
        });

        var failure = failure(execution);
        assertThat(failure.type()).isEqualTo("SoftTimeLimitExceeded");
        assertThat(failure.module()).isEqualTo("celery.exceptions");
        assertThat(failure.text()).isEqualTo("it took longer than its soft time limit of 20 ms");
        assertThat(failure.stack()).contains("Caused by: java.lang.InterruptedException");
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void aRunMayCleanUpAtItsSoftLimitAndReturn() {
        limits = SOFT;
        var execution = run((args, context) -> {
            while (!context.cancelled()) {
                LockSupport.parkNanos(1_000_000);
            }
            return "cleaned up";
        });

        assertThat(execution).isEqualTo(Execution.of(new Outcome.Succeeded("cleaned up")));
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void aRunMayAskToRunAgainAtItsSoftLimit() {
        limits = SOFT;
        var execution = run((args, context) -> {
            try {
                Thread.sleep(60_000);
            } catch (InterruptedException e) {
                throw new RetryLater(Duration.ofSeconds(1));
            }
            return "slept";
        });

        assertThat(failure(execution).type()).isEqualTo("RetryLater");
    }

    @Test
    void whatARunReturnsBehindItsHardLimitIsDropped() {
        limits = TimeLimits.NONE.withHard(Duration.ofMillis(20));
        run((args, context) -> {
            while (overdue.isEmpty()) {
                LockSupport.parkNanos(1_000_000);
            }
            assertThat(cancellation.isCancelled()).isFalse();
            return "late";
        });

        // It has come back only as the watch has ended the process, which here cancels what runs.
        assertThat(cancellation.isCancelled()).isTrue();
        assertThat(overdue)
                .containsExactly(new Outcome.Failed(
                        Failure.celery("TimeLimitExceeded", "it took longer than its hard time limit of 20 ms")));
    }

    @Test
    void aRunThatWasRevokedAndDoesNotEndComesToThatAtItsHardLimit() {
        limits = TimeLimits.NONE.withHard(Duration.ofMillis(20));
        revocations.add(List.of("id-1")); // known as it begins, so it is revoked before its time is over
        run((args, context) -> {
            while (overdue.isEmpty()) {
                LockSupport.parkNanos(1_000_000);
            }
            return "late";
        });

        assertThat(overdue).containsExactly(new Outcome.Failed(Failure.celery("TaskRevokedError", "terminated")));
    }

    @Test
    void theLimitOfATypeHoldsWhereTheCallHasNone() {
        var type = TaskType.of("slow", RawArguments.class, Object.class).withTimeLimits(SOFT);
        var slow = new StubTask<>(type, (args, context) -> {
            Thread.sleep(60_000);
            return "slept";
        });

        assertThat(failure(run(List.of(), Map.of(), slow)).type()).isEqualTo("SoftTimeLimitExceeded");
        limits = TimeLimits.NONE.withSoft(Duration.ofMillis(1));
        assertThat(failure(run(List.of(), Map.of(), slow)).text()).endsWith("of 1 ms");
    }

    @Test
    void aRunThatIsRevokedIsInterruptedAndWhatItReturnsIsDropped() {
        var seen = new ArrayList<Boolean>();
        var execution = run((args, context) -> {
            seen.add(context.cancelled());
            assertThat(revocations.interrupt(List.of("id"))).isEmpty();
            assertThat(revocations.interrupt(List.of("other", "id-1"))).hasSize(1);
            seen.add(context.cancelled());
            seen.add(Thread.interrupted());
            return "done";
        });

        assertThat(failure(execution)).isEqualTo(Failure.celery("TaskRevokedError", "terminated"));
        assertThat(seen).containsExactly(false, true, true);
        assertThat(revocations.interrupt(List.of("id-1"))).as("too late").isEmpty();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void anInterruptThatTheTaskDidNotHearDoesNotReachWhatComesAfterIt() {
        var execution =
                run((args, context) -> revocations.interrupt(List.of("id-1")).size());

        assertThat(failure(execution).text()).isEqualTo("terminated");
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void buriesACallOfAnUnknownTask() {
        var text = "nix: the worker cpu-1@here.7 has no task of this name. All workers of a queue need the same tasks:"
                + " start each of them with this one, or give it a queue of its own (docs/tasks.md)";
        assertThat(run(List.of(), Map.of()))
                .isEqualTo(Execution.dead(Failure.celery("NotRegistered", text), DeadReason.UNKNOWN_TASK));
    }

    @Test
    void buriesACallWithWrongArguments() {
        var execution = run(List.of("x"), Map.of(), new SquareTask());
        assertThat(execution.dead()).isEqualTo(DeadReason.WRONG_ARGUMENTS);
        assertThat(failure(execution))
                .isEqualTo(
                        Failure.builtin("TypeError", "square() argument 'n' must be a number, not the string \"x\""));
    }

    static List<Throwable> allSorts() {
        return List.of(
                new IllegalArgumentException("text"),
                new IOException("text"),
                new WrongArgumentsException("text"),
                new InterruptedException("text"),
                new StackOverflowError("text"),
                new AssertionError("text"),
                new NoClassDefFoundError("text"),
                new ThreadDeath(),
                new Throwable("text") {},
                new Mute());
    }

    @ParameterizedTest
    @MethodSource("allSorts")
    void makesAnOutcomeOfWhateverATaskThrows(Throwable thrown) {
        var execution = run((args, context) -> {
            throw sneaky(thrown);
        });
        assertThat(execution.dead()).isNull();
        assertThat(failure(execution)).isEqualTo(Failure.of(thrown));
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> RuntimeException sneaky(Throwable thrown) throws T {
        throw (T) thrown;
    }

    @Test
    void survivesARealStackOverflow() {
        var execution = run((args, context) -> deeper(1));
        assertThat(failure(execution).type()).isEqualTo("StackOverflowError");
        assertThat(Objects.requireNonNull(failure(execution).stack())).contains("deeper");
    }

    private static long deeper(long n) {
        return n < 0 ? 0 : n + deeper(n + 1) * 2;
    }

    @Test
    void makesAnOutcomeOfARecordThatCannotBeMade() {
        var task = new StubTask<>(TaskType.of("broken", Broken.class, Object.class), (args, context) -> 1);
        assertThat(failure(run(List.of(1L), Map.of(), task)).type())
                .isIn("ExceptionInInitializerError", "NoClassDefFoundError");
    }

    @Test
    void keepsATasksInterruptFromItsSuccessors() {
        assertThat(run((args, context) -> {
                    Thread.currentThread().interrupt();
                    return 1;
                }))
                .isEqualTo(Execution.of(new Outcome.Succeeded(1)));
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void passesOnTheInterruptThatEndsTheWorker() {
        run((args, context) -> {
            cancellation.cancel();
            assertThat(context.cancelled()).isTrue();
            throw new InterruptedException();
        });
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
    }

    @Test
    void tellsATaskOfItsRun() {
        var execution = run((args, context) -> List.of(context.id(), context.attempt(), context.cancelled()));
        assertThat(execution.outcome()).isEqualTo(new Outcome.Succeeded(List.of("id-1", 3, false)));
    }

    @Test
    void givesSharedStateOnlyToTypesThatSaySo() {
        assertThat(failure(run((args, context) -> context.shared())))
                .extracting(Failure::type, Failure::text)
                .containsExactly(
                        "IllegalStateException",
                        "task id-1 uses shared state, but its type does not say so: add .withSharedState() to its"
                                + " TaskType");
        var type = TaskType.of("sharing", RawArguments.class, Object.class).withSharedState();
        var execution = run(List.of(), Map.of(), new StubTask<>(type, (args, context) -> context.shared()));
        assertThat(execution.outcome())
                .isInstanceOfSatisfying(
                        Outcome.Succeeded.class,
                        succeeded -> assertThat(succeeded.value()).isInstanceOf(StubShared.class));
    }
}
