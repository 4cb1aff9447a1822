package dev.workerfarm.local;

import java.util.Map;

/** An embedded broker and an embedded Redis, and the sweeping that the broker cannot do itself. Whoever starts them closes them. */
public record EmbeddedServices(EmbeddedBroker broker, EmbeddedRedis redis, ReplyQueueSweeper sweeper)
        implements AutoCloseable {
    /** Starts both, and sweeps the namespace's reply queues. */
    public static EmbeddedServices start(String namespace) {
        var redis = EmbeddedRedis.start();
        try {
            var broker = EmbeddedBroker.start();
            try {
                return new EmbeddedServices(broker, redis, ReplyQueueSweeper.start(broker, namespace));
            } catch (Throwable e) {
                broker.close();
                throw e;
            }
        } catch (Throwable e) {
            redis.close();
            throw e;
        }
    }

    public Map<String, String> environment() {
        return Map.of("FARM_AMQP_URL", broker.url(), "FARM_REDIS_URL", redis.url());
    }

    @Override
    public void close() {
        sweeper.close();
        broker.close();
        redis.close();
    }
}
