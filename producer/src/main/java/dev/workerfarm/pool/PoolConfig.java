package dev.workerfarm.pool;

import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.config.BrokerAddress;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** What a {@link Pool} needs to know: see {@link Pool.Builder}. {@code callbacks} is null for the pool's one thread. */
record PoolConfig(
        BrokerAddress broker,
        QueueNames names,
        Duration publishTimeout,
        @Nullable Executor callbacks) {}
