package dev.workerfarm.worker;

import dev.workerfarm.broker.ConfirmedPublisher;
import dev.workerfarm.message.EncodedMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes until the broker has confirmed: a finished outcome is held, with its delivery unacked, however long the broker
 * is away or refuses. Threads may share it; {@link #deliver} blocks while the publisher's window is full.
 */
final class Outbox {
    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);
    private static final Duration FOR_EVER = Duration.ofDays(365);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(500);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(30);

    private final ConfirmedPublisher publisher;
    private final ScheduledExecutorService timer;

    Outbox(ConfirmedPublisher publisher, ScheduledExecutorService timer) {
        this.publisher = publisher;
        this.timer = timer;
    }

    /**
     * Publishes.
     *
     * @return completes when it is confirmed, and only then
     * @throws dev.workerfarm.error.PublishTimeoutException if the thread is interrupted while it waits
     */
    CompletableFuture<Void> deliver(String queue, EncodedMessage message, boolean mandatory) {
        return deliver(queue, () -> publisher.publish(queue, message, mandatory, FOR_EVER));
    }

    /**
     * Publishes what the broker is to deliver at {@code due}, mandatory.
     *
     * @return completes when it is confirmed, and only then
     * @throws dev.workerfarm.error.PublishTimeoutException if the thread is interrupted while it waits
     * @throws dev.workerfarm.error.EncodeException if messages for this queue cannot be delayed
     */
    CompletableFuture<Void> deliverLater(String queue, EncodedMessage message, Instant due) {
        return deliver(queue, () -> publisher.publishLater(queue, message, due, FOR_EVER));
    }

    private CompletableFuture<Void> deliver(String queue, Supplier<CompletableFuture<Void>> publish) {
        var delivered = new CompletableFuture<Void>();
        attempt(queue, publish, FIRST_BACKOFF, delivered);
        return delivered;
    }

    private void attempt(
            String queue,
            Supplier<CompletableFuture<Void>> publish,
            Duration backoff,
            CompletableFuture<Void> delivered) {
        publish.get().whenComplete((nothing, refused) -> {
            if (refused == null) {
                delivered.complete(null);
                return;
            }
            LOG.warn(
                    "refused, held and tried again queue={} inMs={} reason={}",
                    queue,
                    backoff.toMillis(),
                    refused.getMessage());
            var next =
                    backoff.multipliedBy(2).compareTo(LONGEST_BACKOFF) > 0 ? LONGEST_BACKOFF : backoff.multipliedBy(2);
            timer.schedule(() -> attempt(queue, publish, next, delivered), backoff.toMillis(), TimeUnit.MILLISECONDS);
        });
    }
}
