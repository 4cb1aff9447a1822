package dev.workerfarm.error;

import org.jspecify.annotations.Nullable;

/** The broker cannot be reached or refuses us; the message names the address and what to do. Trying again later may help. */
public final class BrokerUnreachableException extends FarmException {
    public BrokerUnreachableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
