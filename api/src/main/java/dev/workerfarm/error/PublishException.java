package dev.workerfarm.error;

import org.jspecify.annotations.Nullable;

/** The broker returned or refused a message; the text names its id and its queue. It was not delivered. */
public sealed class PublishException extends FarmException {
    public PublishException(String message) {
        this(message, null);
    }

    public PublishException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The broker, or AMQP, refuses this very message, for its size or a property: it is of no use to publish it again. */
    public static final class MessageRefused extends PublishException {
        public MessageRefused(String message) {
            super(message);
        }
    }

    /** A queue took no message in time: it is full (RabbitMQ: {@code max-length} with {@code reject-publish}), or its nodes are away. */
    public static final class QueueFull extends PublishException {
        public QueueFull(String message) {
            super(message);
        }
    }

    /** No queue took the message: the queue does not exist, or the node of the broker that has it is down. */
    public static final class Returned extends PublishException {
        public Returned(String message) {
            super(message);
        }
    }
}
