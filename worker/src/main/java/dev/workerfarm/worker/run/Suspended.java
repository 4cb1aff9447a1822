package dev.workerfarm.worker.run;

import dev.workerfarm.worker.commit.GuardedCalls;
import org.jspecify.annotations.Nullable;

/** Redis is away, so a message's run has stopped: {@link MapRunner#resume} goes on with it. No attempt is spent. */
public final class Suspended extends RuntimeException {
    final transient @Nullable GuardedCalls calls;
    /** Of a chunk: the items from this place on are elsewhere, as it was cut. */
    final int end;

    Suspended(@Nullable GuardedCalls calls, int end) {
        super("Redis is away");
        this.calls = calls;
        this.end = end;
    }

    /** Nothing is elsewhere. */
    Suspended(@Nullable GuardedCalls calls) {
        this(calls, Integer.MAX_VALUE);
    }

    /** Whether a call has ended whose outcome is not committed: it is not to be lost. */
    public boolean holdsOutcomes() {
        return calls != null && calls.holdsOutcomes();
    }
}
