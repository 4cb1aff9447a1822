package dev.workerfarm.error;

/** The caller cancelled the task, or ended its pool; whether a worker had begun it is not known. */
public final class TaskCancelledException extends FarmException {
    private final String taskId;

    /** @param taskId the task's id, or the map's */
    public TaskCancelledException(String taskId) {
        super("cancelled: " + taskId, null);
        this.taskId = taskId;
    }

    public String taskId() {
        return taskId;
    }
}
