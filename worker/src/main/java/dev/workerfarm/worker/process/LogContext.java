package dev.workerfarm.worker.process;

import dev.workerfarm.wire.TraceContext;
import dev.workerfarm.wire.task.TaskMessage;
import org.slf4j.MDC;

/** What each line that a thread logs says besides (SLF4J's MDC) while it runs a message: which task it is about. */
public final class LogContext {
    private LogContext() {}

    /** This thread runs a message from now on. */
    public static void enter(TaskMessage message, String queue) {
        MDC.put("attempt", Integer.toString(message.retries()));
        MDC.put("queue", queue);
        var trace = TraceContext.of(message.headers());
        if (trace != null) {
            trace.enter();
        }
        call(message.id(), message.task());
    }

    /** And in it this call: the message's own, or an item of a map. */
    public static void call(String taskId, String task) {
        MDC.put("taskId", taskId);
        MDC.put("task", task);
    }

    /** It is done; what the task itself put there goes too. */
    public static void leave() {
        MDC.clear();
    }
}
