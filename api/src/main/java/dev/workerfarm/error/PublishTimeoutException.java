package dev.workerfarm.error;

import org.jspecify.annotations.Nullable;

/** A message could not be handed to the broker in time: it blocks publishers (a memory or disk alarm) or is away. */
public final class PublishTimeoutException extends FarmException {
    public PublishTimeoutException(String message) {
        this(message, null);
    }

    public PublishTimeoutException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
