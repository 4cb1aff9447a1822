package dev.workerfarm.pool.transport;

import dev.workerfarm.broker.ConfirmedPublisher;
import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.broker.Topology;
import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.wire.EncodedMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The transport over RabbitMQ: one connection publishes, and one receives. */
public final class BrokerTransport implements Transport {
    private final String control;
    private final ConfirmedPublisher publisher;
    private final Replies replies;

    private BrokerTransport(BrokerAddress broker, QueueNames names, Listener listener) {
        var id = UUID.randomUUID().toString();
        this.control = names.control();
        this.publisher = ConfirmedPublisher.open(
                broker,
                "producer " + id + " publishing",
                new Topology(names, List.of()),
                WINDOW,
                fault -> listener.died("publisher", fault));
        try {
            this.replies = Replies.open(broker, "producer " + id + " consuming", names.replies(id), listener);
        } catch (RuntimeException e) {
            publisher.close();
            throw e;
        }
    }

    /**
     * Connects.
     *
     * @throws dev.workerfarm.error.BrokerUnreachableException if the broker is not there
     */
    public static Transport open(BrokerAddress broker, QueueNames names, Listener listener) {
        return new BrokerTransport(broker, names, listener);
    }

    @Override
    public String replyQueue() {
        return replies.queue();
    }

    @Override
    public CompletableFuture<Void> publish(
            String queue, EncodedMessage message, @Nullable Instant due, Duration timeout) {
        return due == null
                ? publisher.publish(queue, message, true, timeout)
                : publisher.publishLater(queue, message, due, timeout);
    }

    @Override
    public CompletableFuture<Void> broadcast(EncodedMessage message) {
        return publisher.broadcast(control, message, Duration.ZERO);
    }

    @Override
    public int consumers(String queue) {
        return replies.consumers(queue);
    }

    @Override
    public void close() {
        publisher.close();
        replies.close();
    }
}
