package dev.workerfarm.worker.run;

import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.shared.SharedState;
import dev.workerfarm.task.RetryLater;
import dev.workerfarm.task.RetryPolicy;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Headers;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.OutcomeText;
import dev.workerfarm.wire.task.TaskMessage;
import dev.workerfarm.worker.commit.GuardedCalls;
import dev.workerfarm.worker.commit.RedisAway;
import dev.workerfarm.worker.crash.Turn;
import dev.workerfarm.worker.run.Execution.DeadReason;
import dev.workerfarm.worker.run.MapRunner.Overdue;
import dev.workerfarm.worker.run.MapRunner.Suspended;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The steps of a message while it runs: a call's turn, its commit, its settling where it is overdue. One thread's. */
final class MessageRun {
    private static final Logger LOG = LoggerFactory.getLogger(MessageRun.class);
    /** What a reply has around its value, at the most: two ids of 255 bytes, as JSON. */
    private static final int REPLY_BYTES = 4_096;

    private final MapRunner services;
    private final TaskMessage message;
    private final String task;
    private final boolean usesSharedState;
    private final boolean mayExpire;
    private final Turn turn;
    private final Overdue overdue;
    private final @Nullable Suspended earlier;
    private final long startNanos = System.nanoTime();
    private @Nullable RunningCalls calls;
    private Function<Throwable, Outcome> whenThrown = thrown -> new Outcome.Failed(Failure.of(thrown));

    /** @param task the name of the task that the message is about */
    MessageRun(
            MapRunner services,
            TaskMessage message,
            String task,
            Turn turn,
            Overdue overdue,
            @Nullable Suspended earlier) {
        this.services = services;
        this.message = message;
        this.task = task;
        this.usesSharedState = services.runner().usesSharedState(task);
        this.mayExpire = message.headers().get(Headers.EXPIRES) != null;
        this.turn = turn;
        this.overdue = overdue;
        this.earlier = earlier;
    }

    TaskMessage message() {
        return message;
    }

    String task() {
        return task;
    }

    Turn turn() {
        return turn;
    }

    Overdue overdue() {
        return overdue;
    }

    @Nullable
    Suspended earlier() {
        return earlier;
    }

    long startNanos() {
        return startNanos;
    }

    TaskRun identity() {
        return new TaskRun(message.id(), message.generation(), message.retries());
    }

    boolean usesSharedState() {
        return usesSharedState;
    }

    /** The message's calls as an earlier run of the delivery left them; null: there was none, or it did not look them up. */
    @Nullable
    GuardedCalls begun() {
        return earlier == null ? null : earlier.calls;
    }

    /** The message's calls: as an earlier run left them, or guarded by what was committed before. */
    GuardedCalls guarded(int count) {
        var begun = begun();
        return begun != null ? begun : lookUp(count);
    }

    GuardedCalls lookUp(int count) {
        return GuardedCalls.again(services.committer(), services.cancellation(), identity(), 0, count);
    }

    /** The message's execution, as it is committed where its task uses shared state. */
    Execution committed(Outcome outcome) {
        return usesSharedState() ? Execution.committed(outcome, identity()) : Execution.of(outcome);
    }

    /** The calls that the message carries run from now on; where there is but one, it may be retried. */
    MessageRun begin(CarriedCalls carried, boolean alone) {
        var runner = services.runner();
        calls = runner.begin(task, message, carried);
        if (alone) {
            var own = message.retry();
            whenThrown =
                    new Retries(own == null ? runner.retry(task) : own, message.retries(), services.clock())::after;
        }
        return this;
    }

    /** None of them runs any more. Harmless where none began. */
    void end() {
        if (calls != null) {
            services.runner().end(calls);
        }
    }

    RunningCalls calls() {
        return Objects.requireNonNull(calls);
    }

    /** A call's turn, unless it is too late or has crashed too often. */
    Outcome run(int place, @Nullable SharedState shared) {
        if (services.cancellation().isCancelled()) { // a call before it was given up: the message runs elsewhere
            return GuardedCalls.abandoned();
        }
        if (mayExpire && message.isExpired(services.clock().instant())) {
            return services.runner().revoked(task, "expired");
        }
        var lost = turn.call(place);
        if (lost != null) {
            return Execution.dead(lost, DeadReason.WORKER_LOST).outcome();
        }
        return fit(services.runner().run(calls(), place, shared, whenThrown));
    }

    /** The outcome; a result that the broker is known to refuse is a failure now, before effects are committed. */
    private Outcome fit(Outcome outcome) {
        var most = services.largestMessage().getAsLong();
        if (most == Long.MAX_VALUE || !(outcome instanceof Outcome.Succeeded)) {
            return outcome;
        }
        var bytes = OutcomeText.of(outcome).text().getBytes(StandardCharsets.UTF_8).length;
        return bytes + REPLY_BYTES <= most
                ? outcome
                : new Outcome.Failed(
                        Failure.tooLarge("its " + bytes + " bytes are more than the " + most + " that it takes"));
    }

    /**
     * Settles the message for an overdue call, on another thread than the call's, with the outcome that was committed
     * first for the call. Where the process gives up what runs, the message goes back as it is.
     *
     * @param lookUp the message's calls, as that thread's own: the call's thread may still use the others
     */
    void settle(int index, Supplier<GuardedCalls> lookUp, Outcome outcome, Consumer<Outcome> settle) {
        var first = usesSharedState() ? commitNow(index, lookUp, outcome) : outcome;
        if (first != null) {
            settle.accept(first);
        }
    }

    /** Waits while Redis is away. */
    private @Nullable Outcome commitNow(int index, Supplier<GuardedCalls> lookUp, Outcome outcome) {
        while (services.committer().watch().awaitBack()) {
            try {
                return lookUp.get().runNow(index, shared -> outcome);
            } catch (RedisAway e) {
                LOG.debug("a time-out waits for Redis taskId={} reason={}", message.id(), e.getMessage());
            }
        }
        return null;
    }

    /** Decides after a failed attempt (the one after so many) whether the message runs again later, or has failed for good. */
    record Retries(@Nullable RetryPolicy policy, int attempt, Clock clock) {
        /** The outcome of an attempt that has thrown this. */
        Outcome after(Throwable thrown) {
            var failure = Failure.of(thrown);
            var wait = wait(thrown);
            if (wait == null) {
                return new Outcome.Failed(failure);
            }
            if (policy != null && attempt >= policy.attempts() - 1) {
                return new Outcome.Failed(failure, DeadReason.RETRIES_EXHAUSTED.word());
            }
            return new Outcome.Postponed(clock.instant().plus(wait), attempt + 1, failure);
        }

        private @Nullable Duration wait(Throwable thrown) {
            if (thrown instanceof RetryLater later) {
                return later.delay();
            }
            return policy != null && policy.attempts() > 1 && policy.covers(thrown)
                    ? policy.waitAfter(attempt, ThreadLocalRandom.current().nextDouble())
                    : null;
        }
    }
}
