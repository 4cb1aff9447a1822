package dev.workerfarm.worker.run;

import dev.workerfarm.task.RetryLater;
import dev.workerfarm.task.RetryPolicy;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.worker.run.Execution.DeadReason;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Decides after a failed attempt (the one after so many) whether the message runs again later, or has failed for good. */
record Retries(@Nullable RetryPolicy policy, int attempt, Clock clock) {
    /** The outcome of an attempt that has thrown this. */
    Outcome after(Throwable thrown) {
        var failure = Failure.of(thrown);
        var asked = thrown instanceof RetryLater later ? later.delay() : null;
        if (asked == null && (policy == null || policy.attempts() == 1 || !policy.covers(thrown))) {
            return new Outcome.Failed(failure);
        }
        if (policy != null && attempt >= policy.attempts() - 1) {
            return new Outcome.Failed(failure, DeadReason.RETRIES_EXHAUSTED.word());
        }
        return new Outcome.Postponed(clock.instant().plus(wait(asked)), attempt + 1, failure);
    }

    private Duration wait(@Nullable Duration asked) {
        if (asked != null || policy == null) {
            return asked == null ? Duration.ZERO : asked;
        }
        return policy.waitAfter(attempt, ThreadLocalRandom.current().nextDouble());
    }
}
