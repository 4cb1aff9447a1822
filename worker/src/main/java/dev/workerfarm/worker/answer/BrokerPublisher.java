package dev.workerfarm.worker.answer;

import dev.workerfarm.broker.ConfirmedPublisher;
import dev.workerfarm.wire.EncodedMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;

/** The real publisher. */
public record BrokerPublisher(ConfirmedPublisher publisher) implements Outbox.Publisher {
    @Override
    public CompletableFuture<Void> publish(String queue, EncodedMessage message, boolean mandatory, Duration timeout) {
        return publisher.publish(queue, message, mandatory, timeout);
    }

    @Override
    public CompletableFuture<Void> publishLater(String queue, EncodedMessage message, Instant due, Duration timeout) {
        return publisher.publishLater(queue, message, due, timeout);
    }
}
