package dev.workerfarm.error;

import org.jspecify.annotations.Nullable;

/** The broker returned or refused a message; the text names its id and its queue. It was not delivered. */
public final class PublishException extends FarmException {
    public PublishException(String message) {
        this(message, null);
    }

    public PublishException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
