package dev.workerfarm.worker.run;

import dev.workerfarm.shared.SharedState;
import dev.workerfarm.task.RetryLater;
import dev.workerfarm.task.RetryPolicy;
import dev.workerfarm.task.SoftTimeLimitExceeded;
import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TimeLimits;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.WrongArgumentsException;
import dev.workerfarm.wire.context.LogContext;
import dev.workerfarm.wire.task.TaskMessage;
import dev.workerfarm.worker.commit.GuardedCalls;
import dev.workerfarm.worker.commit.RedisAway;
import dev.workerfarm.worker.process.Cancellation;
import dev.workerfarm.worker.run.Execution.DeadReason;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs one call of one task; its outcome is what the task returns or throws, but an OutOfMemoryError. Threads may share it.
 *
 * @param worker this worker's name, for failures
 */
public record TaskRunner(
        String worker,
        TaskRegistry registry,
        Activity activity,
        Cancellation cancellation,
        Revocations revocations,
        TimeLimitWatch watch) {
    private static final Duration FOR_EVER = Duration.ofDays(365);

    boolean knows(String name) {
        return registry.find(name) != null;
    }

    boolean usesSharedState(String name) {
        var task = registry.find(name);
        return task != null && task.type().usesSharedState();
    }

    /** A message is about to run: its wait is counted under the name of its task. */
    void taken(String name, TaskMessage message) {
        activity.taken(label(name), message.published());
    }

    /** The outcome of a call that was not run, as it was revoked or has expired. */
    Outcome revoked(String name, String why) {
        activity.revoked(label(name));
        return new Outcome.Failed(Failure.celery("TaskRevokedError", why));
    }

    private String label(String name) {
        return knows(name) ? name : Activity.UNKNOWN;
    }

    Execution notRegistered(String name) {
        var nearest = registry.nearest(name);
        var text = name + ": the worker " + worker
                + " has no task of this name"
                + (nearest == null ? "." : ": did you mean '" + nearest + "'?")
                + " All workers of a queue need the same tasks:"
                + " start each of them with this one, or give it a queue of its own (docs/tasks.md)";
        return Execution.dead(Failure.celery("NotRegistered", text), DeadReason.UNKNOWN_TASK);
    }

    /** The retry policy of the task of that name, or null: its first failure is its outcome. */
    @Nullable
    RetryPolicy retry(String name) {
        var task = registry.find(name);
        return task == null ? null : task.type().retry();
    }

    /** The calls of a message are about to run on this thread; {@link #end} ends that. */
    RunningCalls begin(String name, TaskMessage message, CarriedCalls carried) {
        var task = registry.find(name);
        var own = message.timeLimits();
        var limits = task == null ? own : own.orElse(task.type().timeLimits());
        var calls = new RunningCalls(name, task, carried, message.retries(), limits, activity.counts(label(name)));
        activity.enter(calls);
        revocations.enter(calls);
        return calls;
    }

    void end(RunningCalls calls) {
        revocations.leave(calls);
        activity.leave(calls);
    }

    static Outcome timedOut(RunningCalls calls) {
        var hard = calls.limits().hard();
        return new Outcome.Failed(Failure.celery(
                "TimeLimitExceeded",
                "it took longer than its hard time limit" + (hard == null ? "" : " of " + hard.toMillis() + " ms")));
    }

    /**
     * Runs a call; {@code whenThrown} gives its outcome when the task throws. Where its hard limit is over, its message is settled by
     * another thread, and this method waits for the process's end.
     */
    Outcome run(RunningCalls calls, int place, @Nullable SharedState shared, Function<Throwable, Outcome> whenThrown) {
        var task = calls.task();
        if (task == null) {
            return notRegistered(calls.name()).outcome();
        }
        name(calls, place);
        restoreInterrupt(); // one of an earlier task's helper thread, that came after that task had ended
        calls.begin(place);
        revocations.begun(calls);
        var limited = calls.limits().equals(TimeLimits.NONE) ? null : watched(calls, place);
        var context = new RunContext(calls, place, shared, cancellation);
        Outcome outcome;
        Gate gate;
        try {
            outcome = run(task, calls, context, whenThrown);
        } finally {
            gate = calls.end();
            context.gate = gate;
            if (limited != null) {
                watch.end(limited);
            }
        }
        restoreInterrupt(); // behind the gate, as one may have come behind the task's last line
        if (gate != null && gate.isTimedOut()) {
            cancellation.await(FOR_EVER); // the message is another thread's, and this process ends
        }
        if (gate != null && gate.isRevoked()) {
            outcome = terminated();
        }
        activity.ended(calls, outcome);
        if (outcome instanceof Outcome.Failed && !cancellation.isCancelled()) { // else it runs again elsewhere
            activity.failures().ended(calls.carried().id(place), calls.name(), outcome);
        }
        return outcome;
    }

    private static void name(RunningCalls calls, int place) {
        if (calls.isNamedLate()) {
            return;
        }
        if (calls.areShort() && LogContext.calls(calls)) {
            calls.nameLate();
        } else {
            LogContext.call(calls.carried().id(place), calls.name());
        }
    }

    private Gate watched(RunningCalls calls, int place) {
        var gate = Objects.requireNonNull(calls.gate());
        watch.begin(
                gate,
                calls.limits(),
                () -> calls.carried().over(place, gate.isRevoked() ? terminated() : timedOut(calls)));
        return gate;
    }

    /** The outcome of a call that was revoked while it ran. */
    private static Outcome terminated() {
        return new Outcome.Failed(Failure.celery("TaskRevokedError", "terminated"));
    }

    private <A, R> Outcome run(
            Task<A, R> task, RunningCalls calls, RunContext context, Function<Throwable, Outcome> whenThrown) {
        try {
            A arguments;
            try {
                arguments = calls.carried().arguments(task.type(), context.place);
            } catch (WrongArgumentsException e) {
                return wrongArguments(e).outcome();
            }
            return new Outcome.Succeeded(task.run(arguments, context));
        } catch (RedisAway e) {
            return GuardedCalls.abandoned(); // the run does not count: it is made again
        } catch (OutOfMemoryError e) {
            throw e; // no outcome: it ends the executor's loop, and with it the lane
        } catch (Throwable e) { // whatever a task throws is its outcome
            return whenThrown.apply(asSoftLimit(e, calls));
        }
    }

    /** A soft limit's exception in place of the one thrown, where the call was interrupted for it and does not ask to run again. */
    private static Throwable asSoftLimit(Throwable thrown, RunningCalls calls) {
        var soft = calls.limits().soft();
        var gate = calls.asked();
        return soft != null && gate != null && gate.isOverSoftLimit() && !(thrown instanceof RetryLater)
                ? new SoftTimeLimitExceeded(soft, thrown)
                : thrown;
    }

    static Execution wrongArguments(WrongArgumentsException e) {
        return Execution.dead(Failure.builtin("TypeError", String.valueOf(e.getMessage())), DeadReason.WRONG_ARGUMENTS);
    }

    /** Clears an interrupt that a task raised on its own thread, unless it comes with the cancellation. */
    private void restoreInterrupt() {
        if (cancellation.isCancelled()) {
            Thread.currentThread().interrupt();
        } else {
            Thread.interrupted();
        }
    }

    /** What a call's task sees. The task's own threads may use it too, also behind the call's end. */
    private static final class RunContext implements TaskContext {
        private final RunningCalls calls;
        private final int place;
        private final @Nullable SharedState state;
        private final Cancellation cancellation;
        /** The call's own, once that has ended and there is one. */
        private volatile @Nullable Gate gate;

        RunContext(RunningCalls calls, int place, @Nullable SharedState state, Cancellation cancellation) {
            this.calls = calls;
            this.place = place;
            this.state = state;
            this.cancellation = cancellation;
        }

        @Override
        public String id() {
            return calls.carried().id(place);
        }

        @Override
        public int attempt() {
            return calls.attempt();
        }

        @Override
        public boolean cancelled() {
            if (cancellation.isCancelled()) {
                return true;
            }
            var own = gate == null ? calls.asked(place) : gate;
            return own != null && (own.isRevoked() || own.isTimedOut() || own.isOverSoftLimit());
        }

        @Override
        public SharedState shared() {
            if (state == null) {
                throw new IllegalStateException("task " + id()
                        + " uses shared state, but its type does not say so: add .withSharedState() to its TaskType");
            }
            return state;
        }
    }
}
