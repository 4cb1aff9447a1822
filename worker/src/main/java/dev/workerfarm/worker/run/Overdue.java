package dev.workerfarm.worker.run;

/**
 * Settles a message one of whose calls has outlasted its hard time limit, while the thread that runs it is stuck there.
 * Both ways wait until the delivery is on its way to be acked, however long the broker is away.
 */
public interface Overdue {
    /** The message has this outcome. */
    void settle(Execution execution);

    /**
     * Another process runs the other calls of the chunk; where the message cannot be published again, it gets the
     * fallback.
     */
    void runAgainWithout(int item, Execution fallback);
}
