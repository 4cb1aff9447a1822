package dev.workerfarm.worker.jars;

import org.jspecify.annotations.Nullable;

/** A jar is left out; the message says on one line what is wrong with it and what to do. */
final class BrokenJarException extends Exception {
    BrokenJarException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
