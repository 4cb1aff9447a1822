package dev.workerfarm.worker;

import dev.workerfarm.error.WrongArgumentsException;
import dev.workerfarm.message.Arguments;
import dev.workerfarm.message.Failure;
import dev.workerfarm.message.Outcome;
import dev.workerfarm.message.TaskMessage;
import dev.workerfarm.shared.SharedState;
import dev.workerfarm.task.RetryLater;
import dev.workerfarm.task.RetryPolicy;
import dev.workerfarm.task.SoftTimeLimitExceeded;
import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TimeLimits;
import dev.workerfarm.worker.Execution.DeadReason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one call of one task and says how it ended; never throws for what a task does. An OutOfMemoryError ends the
 * process, which its parent replaces: nothing in it can be trusted any more. Threads may share it.
 */
final class TaskRunner {
    /**
     * One call of a task.
     *
     * @param id its identity: the task's id, or an item's
     * @param limits the caller's own
     */
    record Call(String task, String id, int attempt, List<Object> args, Map<String, Object> kwargs, TimeLimits limits) {
        /** The one call that a message is. */
        static Call of(TaskMessage message) {
            return new Call(
                    message.task(),
                    message.id(),
                    message.retries(),
                    message.args(),
                    message.kwargs(),
                    message.timeLimits());
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(TaskRunner.class);

    private static final Duration FOR_EVER = Duration.ofDays(365);

    private final TaskRegistry registry;
    private final Activity activity;
    private final Cancellation cancellation;
    private final Revocations revocations;
    private final TimeLimitWatch watch;

    TaskRunner(
            TaskRegistry registry,
            Activity activity,
            Cancellation cancellation,
            Revocations revocations,
            TimeLimitWatch watch) {
        this.watch = watch;
        this.revocations = revocations;
        this.registry = registry;
        this.activity = activity;
        this.cancellation = cancellation;
    }

    /** Whether there is a task of that name. */
    boolean knows(String name) {
        return registry.find(name) != null;
    }

    /** Whether the task of that name is one that uses shared state. */
    boolean usesSharedState(String name) {
        var task = registry.find(name);
        return task != null && task.type().usesSharedState();
    }

    /** A message's turn has come: its wait is counted under the name of the task that it is about. */
    void taken(String name, TaskMessage message) {
        activity.taken(label(name), message.published());
    }

    /** What a revoked call comes to. */
    Execution revoked(String name) {
        activity.revoked(label(name));
        return Execution.of(new Outcome.Failed(Failure.celery("TaskRevokedError", "revoked")));
    }

    private String label(String name) {
        return knows(name) ? name : Activity.UNKNOWN;
    }

    /** What a call of an unknown task comes to. */
    static Execution notRegistered(String name) {
        return Execution.dead(Failure.celery("NotRegistered", name), DeadReason.UNKNOWN_TASK);
    }

    /** When the task of that name is run again, or null: it fails with its first failure. */
    @Nullable
    RetryPolicy retry(String name) {
        var task = registry.find(name);
        return task == null ? null : task.type().retry();
    }

    /** What a call comes to whose time is over. */
    Outcome expired(String name) {
        activity.revoked(label(name));
        return new Outcome.Failed(Failure.celery("TaskRevokedError", "expired"));
    }

    /** What a call comes to that has outlasted its hard time limit. */
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
     * Runs a call.
     *
     * @param shared what the task sees of shared state, or null: it uses none
     * @param whenThrown what the call comes to when the task throws
     * @param whenOver takes what the call comes to, on another thread, where its hard time limit is over: it settles the
     *     message. This method then returns when the process gives up what runs
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
        var execution = runThroughGate(task, call, shared, whenThrown, whenOver);
        activity.end(run, execution);
        return execution;
    }

    /** What a call comes to that may be revoked, or take too long, until it has ended, and then not any more. */
    private Execution runThroughGate(
            Task<?, ?> task,
            Call call,
            @Nullable SharedState shared,
            Function<Throwable, Outcome> whenThrown,
            Consumer<Outcome> whenOver) {
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
        return gate.isRevoked() ? Execution.of(terminated()) : execution;
    }

    /** What a call comes to that was revoked while it ran. */
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
            var context = new RunContext(call.id(), call.attempt(), shared, gate);
            return Execution.of(new Outcome.Succeeded(task.run(arguments, context)));
        } catch (OutOfMemoryError e) {
            try {
                LOG.error("out of memory, so this process ends", e);
            } finally { // where there is not even memory to say so
                Runtime.getRuntime().halt(ExitCode.OUT_OF_MEMORY);
            }
            throw e;
        } catch (Throwable e) { // whatever a task throws is its outcome
            return Execution.of(whenThrown.apply(asSoftLimit(e, call, gate)));
        }
    }

    /** What a task threw that was interrupted at its soft limit, unless it asks to run again. */
    private Throwable asSoftLimit(Throwable thrown, Call call, Gate gate) {
        var soft = limits(call).soft();
        return soft != null && gate.isOverSoftLimit() && !(thrown instanceof RetryLater)
                ? new SoftTimeLimitExceeded(soft, thrown)
                : thrown;
    }

    /** What a call with wrong arguments comes to. */
    static Execution wrongArguments(WrongArgumentsException e) {
        return Execution.dead(Failure.builtin("TypeError", String.valueOf(e.getMessage())), DeadReason.WRONG_ARGUMENTS);
    }

    /**
     * An interrupt that a task raised on its own thread, or left there, ends with it: the next item, and the publishing
     * of the outcome, would be its victims. One that says that nobody wants the outcome any more goes on.
     */
    private void restoreInterrupt() {
        if (cancellation.isCancelled()) {
            Thread.currentThread().interrupt();
        } else {
            Thread.interrupted();
        }
    }

    /** What a task sees of its run. */
    private final class RunContext implements TaskContext {
        private final String id;
        private final int attempt;
        private final @Nullable SharedState shared;
        private final Gate gate;

        RunContext(String id, int attempt, @Nullable SharedState shared, Gate gate) {
            this.gate = gate;
            this.id = id;
            this.attempt = attempt;
            this.shared = shared;
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public int attempt() {
            return attempt;
        }

        @Override
        public boolean cancelled() {
            return cancellation.isCancelled() || gate.isRevoked() || gate.isTimedOut() || gate.isOverSoftLimit();
        }

        @Override
        public SharedState shared() {
            if (shared == null) {
                throw new IllegalStateException("task " + id
                        + " uses shared state, but its type does not say so: add .withSharedState() to its TaskType");
            }
            return shared;
        }
    }
}
