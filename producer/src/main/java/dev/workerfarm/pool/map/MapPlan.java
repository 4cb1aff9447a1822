package dev.workerfarm.pool.map;

import dev.workerfarm.task.RetryPolicy;
import dev.workerfarm.task.TimeLimits;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What one map is to do; null: at once, never, no limit, as the task's type says. {@code chunkSize} 0 is sized from measured run
 * time, {@code window} 0 from the number of workers; {@code total} is -1 where it is unknown. The window of a {@code lazy} map is
 * of messages that were not read, of another those that are not answered. {@code asJson}: whole numbers are not packed.
 */
public record MapPlan(
        String mapId,
        String task,
        String queue,
        String replyQueue,
        int workers,
        long total,
        boolean ordered,
        boolean lazy,
        int chunkSize,
        int window,
        @Nullable Instant due,
        @Nullable Instant expires,
        @Nullable Duration timeout,
        @Nullable RetryPolicy retry,
        TimeLimits timeLimits,
        boolean asJson) {}
