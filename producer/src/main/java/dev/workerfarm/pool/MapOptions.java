package dev.workerfarm.pool;

import dev.workerfarm.pool.map.ProgressListener;
import dev.workerfarm.task.RetryPolicy;
import dev.workerfarm.task.TimeLimits;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a map is done.
 *
 * @param chunkSize items a message, or 0: sized from measured run time; always 1 where failed items are run again
 * @param timeout for the whole map, or null: none
 * @param queue a queue's literal name, or null: the task type's own
 * @param progress hears how far it is, or null: nobody does
 * @param retry when an item is run again where it fails, whatever its type says, or null: as its type says
 * @param timeLimits how long the run of an item may take; a limit that is missing here is its type's
 */
public record MapOptions(
        int chunkSize,
        @Nullable Duration timeout,
        @Nullable String queue,
        @Nullable ProgressListener progress,
        @Nullable RetryPolicy retry,
        TimeLimits timeLimits) {
    public static final MapOptions DEFAULT = new MapOptions(0, null, null, null, null, TimeLimits.NONE);

    public MapOptions {
        if (chunkSize < 0) {
            throw new IllegalArgumentException("a chunk has 1 item or more, or 0 for automatic: " + chunkSize);
        }
    }

    public MapOptions withChunkSize(int chunkSize) {
        return new MapOptions(chunkSize, timeout, queue, progress, retry, timeLimits);
    }

    public MapOptions withTimeout(@Nullable Duration timeout) {
        return new MapOptions(chunkSize, timeout, queue, progress, retry, timeLimits);
    }

    public MapOptions withQueue(String queue) {
        return new MapOptions(chunkSize, timeout, queue, progress, retry, timeLimits);
    }

    public MapOptions withProgress(ProgressListener progress) {
        return new MapOptions(chunkSize, timeout, queue, progress, retry, timeLimits);
    }

    public MapOptions withRetry(RetryPolicy retry) {
        return new MapOptions(chunkSize, timeout, queue, progress, retry, timeLimits);
    }

    public MapOptions withTimeLimits(TimeLimits timeLimits) {
        return new MapOptions(chunkSize, timeout, queue, progress, retry, timeLimits);
    }
}
