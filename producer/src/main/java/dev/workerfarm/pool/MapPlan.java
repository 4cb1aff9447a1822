package dev.workerfarm.pool;

/**
 * What one map is to do, and for whom.
 *
 * @param queue a queue's literal name
 * @param replyQueue where the outcomes are to go
 * @param workers how many consume the queue, as far as is known
 * @param total how many items the input has, or -1: unknown
 * @param ordered whether outcomes come in the input's order, or else as they end
 * @param options the caller's own
 */
record MapPlan(
        String mapId,
        String task,
        String queue,
        String replyQueue,
        int workers,
        long total,
        boolean ordered,
        MapOptions options) {}
