package dev.workerfarm.wire.task;

import dev.workerfarm.task.RetryPolicy;
import dev.workerfarm.task.TimeLimits;
import dev.workerfarm.wire.Headers;
import dev.workerfarm.wire.Times;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The headers by which a caller says when its task is to run, for how long, and when again. Stateless. */
public final class CallHeaders {
    private CallHeaders() {}

    /**
     * The headers; none for null.
     *
     * @param eta not before
     * @param expires not from then on
     * @param retry when again
     * @param limits how long a run may take
     */
    public static Map<String, Object> of(
            @Nullable Instant eta, @Nullable Instant expires, @Nullable RetryPolicy retry, TimeLimits limits) {
        Map<String, Object> headers = new HashMap<>(RetryHeader.of(retry));
        headers.putAll(TimeLimitHeader.of(limits));
        if (eta != null) {
            headers.put(Headers.ETA, Times.write(eta));
        }
        if (expires != null) {
            headers.put(Headers.EXPIRES, Times.write(expires));
        }
        return headers;
    }
}
