package dev.workerfarm.broker;

import com.rabbitmq.client.Connection;
import java.time.Duration;
import java.util.Map;

/** What differs between the brokers that we speak to: how a queue is declared. */
public enum Dialect {
    RABBITMQ,
    /** Apache Qpid Broker-J, the embedded broker. It knows no {@code x-} arguments. */
    BROKER_J;

    private static final Duration REPLIES_EXPIRE = Duration.ofHours(1);

    /** The dialect of the broker behind a connection. */
    public static Dialect of(Connection connection) {
        var product = String.valueOf(connection.getServerProperties().get("product"));
        return product.toLowerCase(java.util.Locale.ROOT).contains("qpid") ? BROKER_J : RABBITMQ;
    }

    /**
     * Arguments of a task queue and of the dead letters: on RabbitMQ none, so that a Celery client with its defaults may
     * declare it too.
     */
    Map<String, Object> taskQueueArguments() {
        return switch (this) {
            case RABBITMQ -> Map.of();
            // One delivery attempt is its word for: a rejected message goes, rather than comes back for ever.
            // To hold on publish is to keep a message until its time has come.
            case BROKER_J -> Map.of("maximumDeliveryAttempts", 1, "holdOnPublishEnabled", true);
        };
    }

    /** Arguments of a reply queue: gone an hour after its producer, where the broker can do that. */
    Map<String, Object> replyQueueArguments() {
        return switch (this) {
            case RABBITMQ -> Map.of("x-expires", REPLIES_EXPIRE.toMillis(), "x-queue-type", "classic");
            case BROKER_J -> Map.of("maximumDeliveryAttempts", 1);
        };
    }
}
