package dev.workerfarm.error;

/** The broker, or AMQP, refuses this very message, for its size or a property: it is of no use to publish it again. */
public final class MessageRefusedException extends PublishException {
    public MessageRefusedException(String message) {
        super(message);
    }
}
