package dev.workerfarm.worker.commit;

import org.jspecify.annotations.Nullable;

/**
 * Redis is away, so a message's calls cannot go on now. Passes through the code of a task that reads shared state, which
 * may not take it for a failure of its own.
 */
public final class RedisAway extends RuntimeException {
    private final transient @Nullable GuardedCalls calls;

    RedisAway(@Nullable GuardedCalls calls, RuntimeException cause) {
        super(cause.getMessage(), cause);
        this.calls = calls;
    }

    /** The calls, to go on with those that have ended; null: the message was not looked up. */
    public @Nullable GuardedCalls calls() {
        return calls;
    }
}
