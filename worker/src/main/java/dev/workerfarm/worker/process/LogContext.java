package dev.workerfarm.worker.process;

import dev.workerfarm.wire.TraceContext;
import dev.workerfarm.wire.task.TaskMessage;
import org.slf4j.MDC;

/**
 * What each line that a thread logs says besides (SLF4J's MDC) while the thread runs a message: which task it is about,
 * also where the task itself logs. Static, as the MDC is.
 */
public final class LogContext {
    private static final String TASK_ID = "taskId";
    private static final String TASK = "task";
    private static final String ATTEMPT = "attempt";
    private static final String QUEUE = "queue";

    private LogContext() {}

    /** This thread runs a message from now on. */
    public static void enter(TaskMessage message, String queue) {
        MDC.put(ATTEMPT, Integer.toString(message.retries()));
        MDC.put(QUEUE, queue);
        var trace = TraceContext.of(message.headers());
        if (trace != null) {
            trace.enter();
        }
        call(message.id(), message.task());
    }

    /** And in it this call: the message's own, or an item of a map. */
    public static void call(String taskId, String task) {
        MDC.put(TASK_ID, taskId);
        MDC.put(TASK, task);
    }

    /** It is done; what the task itself put there goes too. */
    public static void leave() {
        MDC.clear();
    }
}
