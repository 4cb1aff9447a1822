package dev.workerfarm.error;

import org.jspecify.annotations.Nullable;

/** The broker, or AMQP, refuses this very message, for its size or a property: it is of no use to publish it again. */
public final class MessageRefusedException extends PublishException {
    public MessageRefusedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
