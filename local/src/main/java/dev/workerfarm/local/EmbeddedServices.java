package dev.workerfarm.local;

import java.util.Map;
import java.util.TreeMap;

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

    /** The queues in which tasks or dead letters are, with how many; they end with the broker. */
    public Map<String, Integer> waiting() {
        Map<String, Integer> waiting = new TreeMap<>();
        for (var queue : broker.queues()) {
            var isOfOneProcess =
                    queue.getName().contains(".replies.") || queue.getName().contains(".control.");
            if (!isOfOneProcess && queue.getQueueDepthMessages() > 0) {
                waiting.put(queue.getName(), queue.getQueueDepthMessages());
            }
        }
        return waiting;
    }

    @Override
    public void close() {
        sweeper.close();
        broker.close();
        redis.close();
    }
}
