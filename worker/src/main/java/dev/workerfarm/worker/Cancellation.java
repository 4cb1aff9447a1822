package dev.workerfarm.worker;

/** Whether a process's runs are past their drain time: nobody wants their outcome, which is not published. Threads may share it. */
final class Cancellation {
    private volatile boolean cancelled;

    void cancel() {
        cancelled = true;
    }

    boolean isCancelled() {
        return cancelled;
    }
}
