package dev.workerfarm.error;

/** The thread was interrupted while it waited; its interrupt flag is set again. The task may still run. */
public final class CallInterruptedException extends FarmException {
    public CallInterruptedException(String message, InterruptedException cause) {
        super(message, cause);
    }
}
