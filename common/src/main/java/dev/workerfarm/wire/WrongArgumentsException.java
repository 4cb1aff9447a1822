package dev.workerfarm.wire;

import dev.workerfarm.error.FarmException;
import org.jspecify.annotations.Nullable;

/** The arguments of a call do not fit the components of the task's argument record. Seen by callers as Python's {@code TypeError}. */
public final class WrongArgumentsException extends FarmException {
    public WrongArgumentsException(String message) {
        this(message, null);
    }

    public WrongArgumentsException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
