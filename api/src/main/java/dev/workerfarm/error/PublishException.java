package dev.workerfarm.error;

import org.jspecify.annotations.Nullable;

/** The broker returned or refused a message; the text names its id and its queue. It was not delivered. */
public sealed class PublishException extends FarmException permits MessageRefusedException, QueueFullException {
    public PublishException(String message) {
        this(message, null);
    }

    public PublishException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
