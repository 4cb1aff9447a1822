package dev.workerfarm.local;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.TreeMap;

/** An embedded broker and an embedded Redis, and the sweeping that the broker cannot do itself. Whoever starts them closes them. */
public record EmbeddedServices(EmbeddedBroker broker, EmbeddedRedis redis, ReplyQueueSweeper sweeper)
        implements AutoCloseable {
    /** A farm of one worker has 83 files open in this process; each worker more needs six. */
    private static final long LEAST_FILES = 128;

    /**
     * Starts both, and sweeps the namespace's reply queues.
     *
     * @throws IllegalStateException if one of them does not start, or this process may open too few files, saying so
     */
    public static EmbeddedServices start(String namespace) {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            requireFiles(system.getMaxFileDescriptorCount());
        }
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

    /** Beyond the limit connections and processes fail in many ways, and the start would hang until its timeout. */
    static void requireFiles(long most) {
        if (most >= 0 && most < LEAST_FILES) {
            throw new IllegalStateException("this process may have " + most
                    + " files open at a time (ulimit -n); a farm on one machine needs " + LEAST_FILES
                    + ", and six more for each worker beyond eight: raise the limit");
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
