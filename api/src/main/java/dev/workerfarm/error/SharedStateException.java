package dev.workerfarm.error;

import org.jspecify.annotations.Nullable;

/** An operation on a shared value or array was refused and changed nothing: overflow, other type, index out of range. */
public final class SharedStateException extends FarmException {
    public SharedStateException(String message) {
        this(message, null);
    }

    public SharedStateException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
