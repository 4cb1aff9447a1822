package dev.workerfarm.task;

import java.time.Duration;

/**
 * What a run comes to that was interrupted at its soft time limit and ended with an exception, which is the cause here. Celery's
 * exception of that name; a {@link RetryPolicy} names it like any other.
 */
public final class SoftTimeLimitExceeded extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param cause what the task has thrown */
    public SoftTimeLimitExceeded(Duration limit, Throwable cause) {
        // Where the task was is in the cause's stack.
        super("it took longer than its soft time limit of " + limit.toMillis() + " ms", cause, true, false);
    }
}
