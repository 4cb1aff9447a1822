package dev.workerfarm.error;

import org.jspecify.annotations.Nullable;

/** Redis took the command and gave no answer in time: whether it took effect is not known. */
public final class RedisTimeoutException extends RedisUnreachableException {
    public RedisTimeoutException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
