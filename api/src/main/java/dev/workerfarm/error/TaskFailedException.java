package dev.workerfarm.error;

import org.jspecify.annotations.Nullable;

/**
 * A task ran and failed, on a worker. What is known of the failure is data: type, text and stack as strings; the
 * worker's exception itself never travels. The type is the simple name of its class, but for those that Celery's clients
 * know: an {@link IllegalArgumentException} and its subclasses are {@code ValueError}, arguments that do not fit
 * {@code TypeError}, a task that the worker does not have {@code NotRegistered}.
 */
public final class TaskFailedException extends FarmException {
    private final String taskId;
    private final String type;
    private final String text;
    private final @Nullable String remoteStack;

    /**
     * @param taskId the task's id, for an item of a map {@code <map id>:<index>}
     * @param type the failure's simple type name, such as {@code ValueError}
     * @param text what the worker's exception said
     * @param remoteStack the worker's stack trace, or null where there is none
     */
    public TaskFailedException(String taskId, String type, String text, @Nullable String remoteStack) {
        super("task " + taskId + " failed: " + type + ": " + text, null);
        this.taskId = taskId;
        this.type = type;
        this.text = text;
        this.remoteStack = remoteStack;
    }

    public String taskId() {
        return taskId;
    }

    public String type() {
        return type;
    }

    public String text() {
        return text;
    }

    /** The stack trace on the worker, or null where the worker sent none. */
    public @Nullable String remoteStack() {
        return remoteStack;
    }
}
