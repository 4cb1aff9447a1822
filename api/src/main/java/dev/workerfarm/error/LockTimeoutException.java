package dev.workerfarm.error;

/** Someone else held a shared lock as long as the caller would wait. Trying again later may help. */
public final class LockTimeoutException extends FarmException {
    public LockTimeoutException(String message) {
        super(message, null);
    }
}
