package dev.workerfarm.error;

/**
 * A task was about to wait for a task of its own lane's queue: with as many such tasks as the lane runs at a time all would wait
 * for ever. As Python's daemonic processes, which are not allowed to have children. Known on the thread that runs the task, for a
 * pool of the same broker; threads that a task starts are not known.
 */
public final class NestedCallRefused extends FarmException {
    private final String queue;

    /** @param queue the literal name of the queue */
    public NestedCallRefused(String queue) {
        super(
                "a task does not wait for tasks of " + queue
                        + ", the queue of its own lane: the lane may be full of tasks "
                        + "that wait. Give the inner task a lane of its own (TaskQueue.named), or publish it without waiting "
                        + "(publish)",
                null);
        this.queue = queue;
    }

    /** The literal name of the queue. */
    public String queue() {
        return queue;
    }
}
