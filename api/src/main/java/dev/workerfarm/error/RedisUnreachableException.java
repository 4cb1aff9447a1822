package dev.workerfarm.error;

import org.jspecify.annotations.Nullable;

/** Redis cannot be reached or refuses us; the message names the address and what to do. Trying again later may help. */
public sealed class RedisUnreachableException extends FarmException permits RedisTimeoutException {
    public RedisUnreachableException(String message) {
        this(message, null);
    }

    public RedisUnreachableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
