package dev.workerfarm.error;

import org.jspecify.annotations.Nullable;

/** The root of everything that the farm throws, except for wrong use ({@link IllegalArgumentException}, {@link IllegalStateException}). */
public abstract class FarmException extends RuntimeException implements Cloneable {
    protected FarmException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** A copy with the stack trace of the calling thread: for a thread that throws the failure of another one. */
    public final FarmException thrownHere() {
        try {
            var copy = (FarmException) clone();
            copy.fillInStackTrace();
            return copy;
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }
}
