package dev.workerfarm.error;

import org.jspecify.annotations.Nullable;

/** Someone else held a shared lock as long as the caller would wait. Trying again later may help. */
public final class LockTimeoutException extends FarmException {
    public LockTimeoutException(String message) {
        this(message, null);
    }

    public LockTimeoutException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
