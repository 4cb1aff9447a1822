package dev.workerfarm.error;

import org.jspecify.annotations.Nullable;

/** A value cannot travel: not a JSON value, nested too deeply, or a number of more than 4 300 digits. */
public final class EncodeException extends FarmException {
    public EncodeException(String message) {
        this(message, null);
    }

    public EncodeException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
