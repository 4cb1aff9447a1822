package dev.workerfarm.pool;

import dev.workerfarm.pool.map.ProgressListener;
import dev.workerfarm.task.RetryPolicy;
import dev.workerfarm.task.TimeLimits;
import dev.workerfarm.wire.task.CallHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a {@link Call} says beside the arguments. Changed only in the copy that {@link #with} makes; then read by any thread. */
final class CallSettings implements Cloneable {
    static final CallSettings DEFAULT = new CallSettings();

    public Map<String, ?> kwargs = Map.of();
    public @Nullable String queue;
    public @Nullable Duration countdown;
    public @Nullable Instant eta;
    public @Nullable Duration expires;
    public @Nullable RetryPolicy retry;
    public TimeLimits limits = TimeLimits.NONE;
    public boolean storing;
    public @Nullable Duration timeout;
    public @Nullable ProgressListener progress;
    public int chunkSize; // 0: sized from measured run time
    public int window; // 0: sized from the number of workers
    public boolean asJson;

    CallSettings with(Consumer<CallSettings> change) {
        try {
            var copy = (CallSettings) clone();
            change.accept(copy);
            return copy;
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }

    String queue(Callee<?> callee) {
        return queue == null ? callee.queue() : queue;
    }

    /** When a call is due that is made at this time; null: at once. */
    @Nullable
    Instant due(Instant now) {
        return countdown == null ? eta : now.plus(countdown);
    }

    /** When a call that is made at this time is too late; null: never. */
    @Nullable
    Instant expires(Instant now) {
        return expires == null ? null : now.plus(expires);
    }

    /** The headers of a single call that is made at this time; the callee's type says what these settings do not. */
    Map<String, Object> headers(Instant now, Callee<?> callee) {
        return CallHeaders.of(
                due(now), expires(now), retry == null ? callee.retry() : retry, limits.orElse(callee.timeLimits()));
    }

    /** @throws IllegalStateException if something is set that a map cannot do */
    void requireForMap() {
        if (storing || !kwargs.isEmpty()) {
            throw new IllegalStateException("a map has no " + (storing ? "stored results" : "keyword arguments")
                    + ": call the task with apply, applyAsync or publish");
        }
    }
}
