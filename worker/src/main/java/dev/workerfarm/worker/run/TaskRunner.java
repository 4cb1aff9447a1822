package dev.workerfarm.worker.run;

import dev.workerfarm.shared.SharedState;
import dev.workerfarm.task.RetryLater;
import dev.workerfarm.task.RetryPolicy;
import dev.workerfarm.task.SoftTimeLimitExceeded;
import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TimeLimits;
import dev.workerfarm.wire.Arguments;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.WrongArgumentsException;
import dev.workerfarm.wire.task.TaskMessage;
import dev.workerfarm.worker.commit.GuardedCalls;
import dev.workerfarm.worker.commit.RedisAway;
import dev.workerfarm.worker.process.Cancellation;
import dev.workerfarm.worker.process.LogContext;
import dev.workerfarm.worker.run.Execution.DeadReason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
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
    /** One call of a task; the id is the task's or an item's, the limits are the caller's own. */
    record Call(
            String task, String id, int attempt, List<Object> args, Map<String, Object> kwargs, TimeLimits limits) {}

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

    Outcome timedOut(Call call) {
        var hard = limits(call).hard();
        return new Outcome.Failed(Failure.celery(
                "TimeLimitExceeded",
                "it took longer than its hard time limit" + (hard == null ? "" : " of " + hard.toMillis() + " ms")));
    }

    private TimeLimits limits(Call call) {
        var task = registry.find(call.task());
        return task == null ? call.limits() : call.limits().orElse(task.type().timeLimits());
    }

    /**
     * Runs a call. {@code whenThrown} gives its outcome when the task throws; {@code whenOver} settles the message, on another
     * thread, where its hard limit is over: this method then waits for the process's end.
     */
    Execution run(
            Call call,
            @Nullable SharedState shared,
            Function<Throwable, Outcome> whenThrown,
            Consumer<Outcome> whenOver) {
        var task = registry.find(call.task());
        if (task == null) {
            return notRegistered(call.task());
        }
        LogContext.call(call.id(), call.task());
        var run = activity.begin(call.id(), call.task());
        restoreInterrupt(); // one of an earlier task's helper thread, that came after that task had ended
        var gate = revocations.enter(call.id());
        watch.begin(gate, limits(call), () -> whenOver.accept(gate.isRevoked() ? terminated() : timedOut(call)));
        Execution execution;
        try {
            execution = run(task, call, shared, whenThrown, gate);
        } finally {
            revocations.leave(gate);
            watch.end(gate);
        }
        restoreInterrupt(); // behind the gate, as one may have come behind the task's last line
        if (gate.isTimedOut()) {
            cancellation.await(FOR_EVER); // the message is another thread's, and this process ends
        }
        if (gate.isRevoked()) {
            execution = Execution.of(terminated());
        }
        activity.end(run, execution);
        if (!cancellation.isCancelled()) { // else it runs again elsewhere
            activity.failures().ended(call.id(), call.task(), execution);
        }
        return execution;
    }

    /** The outcome of a call that was revoked while it ran. */
    private static Outcome terminated() {
        return new Outcome.Failed(Failure.celery("TaskRevokedError", "terminated"));
    }

    private <A, R> Execution run(
            Task<A, R> task,
            Call call,
            @Nullable SharedState shared,
            Function<Throwable, Outcome> whenThrown,
            Gate gate) {
        try {
            A arguments;
            try {
                arguments = Arguments.bind(task.type(), call.args(), call.kwargs());
            } catch (WrongArgumentsException e) {
                return wrongArguments(e);
            }
            var context = new RunContext(call.id(), call.attempt(), shared, gate, cancellation);
            return Execution.of(new Outcome.Succeeded(task.run(arguments, context)));
        } catch (RedisAway e) {
            return Execution.of(GuardedCalls.abandoned()); // the run does not count: it is made again
        } catch (OutOfMemoryError e) {
            throw e; // no outcome: it ends the executor's loop, and with it the lane
        } catch (Throwable e) { // whatever a task throws is its outcome
            return Execution.of(whenThrown.apply(asSoftLimit(e, call, gate)));
        }
    }

    /** A soft limit's exception in place of the one thrown, where the call was interrupted for it and does not ask to run again. */
    private Throwable asSoftLimit(Throwable thrown, Call call, Gate gate) {
        var soft = limits(call).soft();
        return soft != null && gate.isOverSoftLimit() && !(thrown instanceof RetryLater)
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

    private record RunContext(
            String id, int attempt, @Nullable SharedState state, Gate gate, Cancellation cancellation)
            implements TaskContext {
        @Override
        public boolean cancelled() {
            return cancellation.isCancelled() || gate.isRevoked() || gate.isTimedOut() || gate.isOverSoftLimit();
        }

        @Override
        public SharedState shared() {
            if (state == null) {
                throw new IllegalStateException("task " + id
                        + " uses shared state, but its type does not say so: add .withSharedState() to its TaskType");
            }
            return state;
        }
    }
}
