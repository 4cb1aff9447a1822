package dev.workerfarm.worker;

/**
 * What becomes of a message one of whose calls has outlasted its hard time limit, while the thread that runs it is stuck there.
 * Both ways wait until the delivery is on its way to be acked, however long the broker is away.
 */
interface Overdue {
    /** The message has come to this. */
    void comesTo(Execution execution);

    /**
     * The call is one of a chunk: another process runs the others.
     *
     * @param item which one
     * @param ifThatCannotBe what the message comes to then
     */
    void runsAgainWithout(int item, Execution ifThatCannotBe);
}
