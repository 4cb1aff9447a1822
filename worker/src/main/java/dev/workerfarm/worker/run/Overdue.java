package dev.workerfarm.worker.run;

/**
 * Settles a message one of whose calls has outlasted its hard time limit, while the thread that runs it is stuck there.
 * Both ways wait until the delivery is on its way to be acked, however long the broker is away.
 */
public interface Overdue {
    /** The message has this outcome. */
    void settle(Execution execution);

    /**
     * The call is one of a chunk: another process runs the chunk's other calls.
     *
     * @param item which one
     * @param fallback the message's outcome where it cannot be published again
     */
    void runAgainWithout(int item, Execution fallback);
}
