package dev.workerfarm.task;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Thrown by a task that wants to run again later: Celery's {@code self.retry(countdown=...)}. The run counts as an attempt
 * and applies none of its effects. Where the task has a {@link RetryPolicy} its number of attempts holds, whatever
 * failures it names; without one the task runs again as often as it asks, and looks at {@link TaskContext#attempt()} itself.
 */
public final class RetryLater extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Duration delay;

    /**
     * Asks for another run.
     *
     * @param delay not before this time is over, from 0 to {@link RetryPolicy#LONGEST_WAIT}
     * @throws IllegalArgumentException if it is out of that range
     */
    public RetryLater(Duration delay) {
        this(delay, "it asked to run again in " + delay.toMillis() + " ms", null);
    }

    /**
     * As {@link #RetryLater(Duration)}, with what the caller is told once no attempt is left.
     *
     * @param why a text for people
     * @param cause or null
     */
    public RetryLater(Duration delay, String why, @Nullable Throwable cause) {
        super(why, cause);
        RetryPolicy.requireWait("a delay", delay);
        this.delay = delay;
    }

    public Duration delay() {
        return delay;
    }
}
