package dev.workerfarm.wire.context;

import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** What each line that a thread logs says besides (SLF4J's MDC) while it runs a message: which task it is about. */
public final class LogContext {
    private static final String TASK_ID = "taskId";
    private static final ThreadLocal<@Nullable Supplier<String>> PRESENT = new ThreadLocal<>();
    private static volatile boolean asksBeforeLines;

    private LogContext() {}

    /** This thread runs a message from now on. */
    public static void enter(int attempt, String queue, Map<String, @Nullable Object> headers) {
        MDC.put("attempt", Integer.toString(attempt));
        MDC.put("queue", queue);
        var trace = TraceContext.of(headers);
        if (trace != null) {
            trace.enter();
        }
    }

    /** And in it this call: the message's own, or an item of a map. */
    public static void call(String taskId, String task) {
        MDC.put(TASK_ID, taskId);
        MDC.put("task", task);
    }

    /**
     * The calls that follow are too short for an id each: they have theirs once a line is logged. False where the backend does not ask
     * for it ({@link #asksBeforeLines}): then each call is to be told.
     */
    public static boolean calls(Supplier<String> presentId) {
        if (asksBeforeLines) {
            PRESENT.set(presentId);
        }
        return asksBeforeLines;
    }

    /** It is done; what the task itself put there goes too. */
    public static void leave() {
        MDC.clear();
        PRESENT.remove();
    }

    /** From now on the logging backend calls {@link #beforeLine} before it reads the context for a line. */
    public static void asksBeforeLines() {
        asksBeforeLines = true;
    }

    /** This thread is about to log a line. */
    public static void beforeLine() {
        var present = PRESENT.get();
        if (present != null) {
            MDC.put(TASK_ID, present.get());
        }
    }
}
