package dev.workerfarm.local;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.workerfarm.loop.Loop;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.qpid.server.model.Queue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes the reply queues of producers that are gone. RabbitMQ does this itself ({@code x-expires}); Broker-J has
 * nothing like it. A queue named {@code <namespace>.replies.*} goes when it had no consumer at any look for the idle
 * limit. Owned by whoever started it; closes before its broker.
 */
public final class ReplyQueueSweeper implements AutoCloseable {
    private static final Duration DEFAULT_IDLE_LIMIT = Duration.ofHours(1); // as on RabbitMQ (x-expires)
    private static final Duration DEFAULT_PERIOD = Duration.ofMinutes(1);
    private static final Logger LOG = LoggerFactory.getLogger(ReplyQueueSweeper.class);

    private final EmbeddedBroker broker;
    private final String prefix;
    private final Duration idleLimit;
    private final LongSupplier nanoClock;
    /** When each queue without a consumer was first seen without one, by the queue's id. */
    @GuardedBy("this")
    private Map<String, Long> idleSince = new HashMap<>();

    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(task -> Loop.daemon("workerfarm-reply-queue-sweeper", task));

    /** The clock is not the wall's: the queues of a laptop that slept for an hour have not idled for it. */
    ReplyQueueSweeper(EmbeddedBroker broker, String namespace, Duration idleLimit, LongSupplier nanoClock) {
        this.broker = broker;
        this.prefix = namespace + ".replies.";
        this.idleLimit = idleLimit;
        this.nanoClock = nanoClock;
    }

    public static ReplyQueueSweeper start(EmbeddedBroker broker, String namespace) {
        var sweeper = new ReplyQueueSweeper(broker, namespace, DEFAULT_IDLE_LIMIT, System::nanoTime);
        sweeper.start(DEFAULT_PERIOD);
        return sweeper;
    }

    void start(Duration period) {
        var unused = timer.scheduleWithFixedDelay(
                Loop.job("reply-queue-sweeper", this::sweep), period.toNanos(), period.toNanos(), TimeUnit.NANOSECONDS);
    }

    synchronized void sweep() {
        long now = nanoClock.getAsLong();
        var stillIdle = new HashMap<String, Long>();
        for (var queue : broker.queues()) {
            if (!queue.getName().startsWith(prefix) || queue.getConsumerCount() > 0) {
                continue;
            }
            // By id, not by name: a queue deleted and declared again starts its hour anew.
            var id = queue.getId().toString();
            long since = idleSince.getOrDefault(id, now);
            if (now - since >= idleLimit.toNanos()) {
                delete(queue);
            } else {
                stillIdle.put(id, since);
            }
        }
        idleSince = stillIdle;
    }

    /** Stops sweeping and waits briefly for a sweep under way. Closing twice is harmless. */
    @Override
    public void close() {
        timer.shutdown();
        try {
            if (!timer.awaitTermination(5, TimeUnit.SECONDS)) {
                timer.shutdownNow();
            }
        } catch (InterruptedException e) {
            timer.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    private static void delete(Queue<?> queue) {
        queue.delete();
        LOG.info("Deleted a reply queue that had no consumer for too long: queue={}", queue.getName());
    }
}
