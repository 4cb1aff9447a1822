package dev.workerfarm.pool.map;

import dev.workerfarm.task.RetryPolicy;
import dev.workerfarm.task.TimeLimits;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What one map is to do.
 *
 * @param workers how many consume the queue, as far as is known
 * @param total how many items the input has, or -1: unknown
 * @param ordered whether outcomes come in the input's order, or else as they end
 * @param chunkSize items a message, or 0: sized from measured run time
 * @param window how many messages may be published and not yet read, or 0: sized from the number of workers
 * @param due when the items may begin, or null: at once
 * @param expires when an item that has not begun is too late, or null: never
 * @param timeout for the whole map, or null: none
 * @param retry when an item is run again where it fails, or null: as its type says
 */
public record MapPlan(
        String mapId,
        String task,
        String queue,
        String replyQueue,
        int workers,
        long total,
        boolean ordered,
        int chunkSize,
        int window,
        @Nullable Instant due,
        @Nullable Instant expires,
        @Nullable Duration timeout,
        @Nullable RetryPolicy retry,
        TimeLimits timeLimits) {}
