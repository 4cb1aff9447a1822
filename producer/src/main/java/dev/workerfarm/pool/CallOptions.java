package dev.workerfarm.pool;

import dev.workerfarm.task.RetryPolicy;
import dev.workerfarm.task.TimeLimits;
import dev.workerfarm.wire.task.CallHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How one call is done: what Celery's {@code apply_async} takes under these names. Immutable.
 *
 * @param countdown not before this time from the call on is over, or null: at once. The broker keeps the message until
 *     then, on RabbitMQ to the second
 * @param eta not before, by the workers' clocks, or null: at once; instead of {@code countdown}
 * @param expires if it has not begun when this time from the call on is over it fails with {@code TaskRevokedError}; null:
 *     it never is too late
 * @param queue a queue's literal name, or null: the task type's own
 * @param retry when it is run again where it fails, whatever its type says, or null: as its type says
 * @param timeLimits how long a run may take; a limit that is missing here is its type's
 */
public record CallOptions(
        @Nullable Duration countdown,
        @Nullable Instant eta,
        @Nullable Duration expires,
        @Nullable String queue,
        @Nullable RetryPolicy retry,
        TimeLimits timeLimits) {
    public static final CallOptions DEFAULT = new CallOptions(null, null, null, null, null, TimeLimits.NONE);

    /** @throws IllegalArgumentException if a time is negative or longer than a year, or both countdown and eta are given */
    public CallOptions {
        requireTime("countdown", countdown);
        requireTime("expires", expires);
        if (countdown != null && eta != null) {
            throw new IllegalArgumentException("either countdown or eta");
        }
    }

    public CallOptions withCountdown(Duration countdown) {
        return new CallOptions(countdown, null, expires, queue, retry, timeLimits);
    }

    public CallOptions withEta(Instant eta) {
        return new CallOptions(null, eta, expires, queue, retry, timeLimits);
    }

    public CallOptions withExpires(Duration expires) {
        return new CallOptions(countdown, eta, expires, queue, retry, timeLimits);
    }

    public CallOptions withQueue(String queue) {
        return new CallOptions(countdown, eta, expires, queue, retry, timeLimits);
    }

    public CallOptions withRetry(RetryPolicy retry) {
        return new CallOptions(countdown, eta, expires, queue, retry, timeLimits);
    }

    public CallOptions withTimeLimits(TimeLimits timeLimits) {
        return new CallOptions(countdown, eta, expires, queue, retry, timeLimits);
    }

    /** When a call is due that is made at this time; null: at once. */
    @Nullable
    Instant due(Instant now) {
        return countdown == null ? eta : now.plus(countdown);
    }

    /** The headers of a call that is made at this time; the callee's type says what these options do not. */
    Map<String, Object> headers(Instant now, Callee<?> callee) {
        return CallHeaders.of(
                due(now),
                expires == null ? null : now.plus(expires),
                retry == null ? callee.retry() : retry,
                timeLimits.orElse(callee.timeLimits()));
    }

    private static void requireTime(String name, @Nullable Duration time) {
        if (time != null && (time.isNegative() || time.compareTo(RetryPolicy.LONGEST_WAIT) > 0)) {
            throw new IllegalArgumentException(
                    name + " is from 0 to " + RetryPolicy.LONGEST_WAIT.toDays() + " days, not " + time);
        }
    }
}
