package dev.workerfarm.error;

import org.jspecify.annotations.Nullable;

/** The root of everything that the farm throws, except for wrong use ({@link IllegalArgumentException}, {@link IllegalStateException}). */
public abstract class FarmException extends RuntimeException {
    protected FarmException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
