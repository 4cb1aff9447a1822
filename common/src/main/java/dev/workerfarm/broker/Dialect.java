package dev.workerfarm.broker;

import com.rabbitmq.client.Connection;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/** What differs between the brokers that we speak to: how a queue is declared. */
@SuppressWarnings("ImmutableEnumChecker") // Map.of is immutable
public enum Dialect {
    /** A task queue has no arguments, so that a Celery client with its defaults may declare it too. */
    RABBITMQ(Map.of(), Map.of("x-expires", Duration.ofHours(1).toMillis(), "x-queue-type", "classic")),
    /** Apache Qpid Broker-J, the embedded broker. A message has one attempt: once rejected, it is gone. */
    BROKER_J(Map.of("maximumDeliveryAttempts", 1, "holdOnPublishEnabled", true), Map.of("maximumDeliveryAttempts", 1));

    final Map<String, Object> taskQueueArguments; // and of the dead letters
    final Map<String, Object> replyQueueArguments; // gone an hour after its producer, where the broker can do that

    Dialect(Map<String, Object> taskQueueArguments, Map<String, Object> replyQueueArguments) {
        this.taskQueueArguments = taskQueueArguments;
        this.replyQueueArguments = replyQueueArguments;
    }

    public static Dialect of(Connection connection) {
        var product = String.valueOf(connection.getServerProperties().get("product"));
        return product.toLowerCase(Locale.ROOT).contains("qpid") ? BROKER_J : RABBITMQ;
    }
}
