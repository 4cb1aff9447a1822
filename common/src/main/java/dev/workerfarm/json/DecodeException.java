package dev.workerfarm.json;

import dev.workerfarm.error.FarmException;
import org.jspecify.annotations.Nullable;

/** Bytes from outside are not a message of ours; they never will be, so the message is settled and not tried again. */
public final class DecodeException extends FarmException {
    public DecodeException(String message) {
        this(message, null);
    }

    public DecodeException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
