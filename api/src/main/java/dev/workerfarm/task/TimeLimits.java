package dev.workerfarm.task;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long one run of a task may take, as Celery's {@code soft_time_limit} and {@code time_limit}; for a map, one item. Workers
 * look ten times a second. Immutable.
 *
 * <pre>{@code
 * TaskType.of("convert", Convert.class, String.class)
 *         .withTimeLimits(TimeLimits.NONE.withSoft(Duration.ofMinutes(5)).withHard(Duration.ofMinutes(6)));
 * }</pre>
 *
 * @param soft when this time is over the task's thread is interrupted, once, and {@link TaskContext#cancelled()}. What the
 *     task throws then counts as {@link SoftTimeLimitExceeded}; it may also clean up and return. Null: no such limit
 * @param hard when this time is over the task has failed with {@code TimeLimitExceeded}, and its process ends, as it cannot be
 *     trusted any more; no retry. Null: no such limit
 */
public record TimeLimits(@Nullable Duration soft, @Nullable Duration hard) {
    public static final Duration LONGEST = Duration.ofDays(366);
    public static final TimeLimits NONE = new TimeLimits(null, null);

    /** @throws IllegalArgumentException if a limit is not longer than 0, or longer than {@link #LONGEST} */
    public TimeLimits {
        require("soft", soft);
        require("hard", hard);
    }

    public TimeLimits withSoft(@Nullable Duration soft) {
        return new TimeLimits(soft, hard);
    }

    public TimeLimits withHard(@Nullable Duration hard) {
        return new TimeLimits(soft, hard);
    }

    /** These, and where one is missing the others'. */
    public TimeLimits orElse(TimeLimits others) {
        if (soft == null && hard == null) { // nearly always
            return others;
        }
        return new TimeLimits(soft == null ? others.soft : soft, hard == null ? others.hard : hard);
    }

    private static void require(String name, @Nullable Duration limit) {
        if (limit != null && (limit.isNegative() || limit.isZero() || limit.compareTo(LONGEST) > 0)) {
            throw new IllegalArgumentException("a " + name + " time limit is longer than 0 and at most "
                    + LONGEST.toDays() + " days, not " + limit);
        }
    }
}
