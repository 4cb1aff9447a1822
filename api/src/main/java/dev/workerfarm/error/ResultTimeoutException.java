package dev.workerfarm.error;

import org.jspecify.annotations.Nullable;

/** No result came within the caller's timeout. The task may still run. */
public final class ResultTimeoutException extends FarmException {
    public ResultTimeoutException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
