package dev.workerfarm.broker;

import dev.workerfarm.error.PublishException;
import dev.workerfarm.wire.EncodedMessage;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A message and the promise of its confirm. Its mutable fields belong to the publisher's writer. */
final class PendingMessage {
    final String exchange;
    final String queue;
    final EncodedMessage encoded;
    final boolean mandatory;
    final @Nullable Instant due;
    final CompletableFuture<Void> confirmed = new CompletableFuture<>();

    /** Its place in the order of publishing, from 1 on; 0: not published yet. */
    long number;

    /** When it was published last, by System.nanoTime. */
    long publishedNanos;

    /** How often a connection was lost soon after a publish, this message being the first of several unconfirmed ones. */
    int losses;

    /** The same, this message being the only one. */
    int lossesAlone;

    PendingMessage(String exchange, String queue, EncodedMessage encoded, boolean mandatory, @Nullable Instant due) {
        this.exchange = exchange;
        this.queue = queue;
        this.encoded = encoded;
        this.mandatory = mandatory;
        this.due = due;
    }

    int bytes() {
        return encoded.body().length;
    }

    String target() {
        return exchange.isEmpty() ? "queue=" + queue : "exchange=" + exchange;
    }

    String notDelivered(String why) {
        return "message " + encoded.properties().getCorrelationId() + " for " + target() + " was not delivered: " + why;
    }

    void fail(PublishException failure) {
        confirmed.completeExceptionally(failure);
    }
}
