package dev.workerfarm.error;

/** A queue took no message in time: it is full (RabbitMQ: {@code max-length} with {@code reject-publish}), or its nodes are away. */
public final class QueueFullException extends PublishException {
    public QueueFullException(String message) {
        super(message);
    }
}
