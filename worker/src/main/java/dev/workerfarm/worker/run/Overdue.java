package dev.workerfarm.worker.run;

/**
 * Settles a message whose call has outlasted its hard limit, on another thread. Waits until it is on its way to be
 * acked.
 */
public interface Overdue {
    /** The message has this outcome. */
    void settle(Execution execution);

    /** Another process runs the other calls of the chunk; fallback: the message cannot be published again. */
    void runAgainWithout(int item, Execution fallback);
}
