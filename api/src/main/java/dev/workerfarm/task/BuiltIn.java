package dev.workerfarm.task;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The built-in task types by name: how a call by name finds its queue. */
public final class BuiltIn {
    public static final List<TaskType<?, ?>> TYPES =
            List.of(Square.TYPE, Sleep.TYPE, Echo.TYPE, Fail.TYPE, UpdateValue.TYPE, UpdateArray.TYPE, Download.TYPE);

    private static final Map<String, TaskQueue> QUEUES =
            TYPES.stream().collect(Collectors.toUnmodifiableMap(TaskType::name, TaskType::queue));

    private BuiltIn() {}

    /** The queue of the named task; {@link TaskQueue#TASKS} for a name that is not built in. */
    public static TaskQueue queueOf(String taskName) {
        return QUEUES.getOrDefault(taskName, TaskQueue.TASKS);
    }

    /**
     * Waits, then returns a value: for trying things out.
     *
     * @param ms how long, in milliseconds; 0 or more
     * @param value what to return; null if left out
     */
    public record Sleep(long ms, @Nullable Object value) {
        public static final TaskType<Sleep, Object> TYPE = TaskType.of("sleep", Sleep.class, Object.class);
    }

    /**
     * Fails with a message: for trying things out.
     *
     * @param message the failure's text; a standard one if null
     */
    public record Fail(@Nullable String message) {
        public static final TaskType<Fail, Object> TYPE = TaskType.of("fail", Fail.class, Object.class);
    }

    /** Returns {@code [args, kwargs]} as they came: for trying things out and for checking the wire. */
    public static final class Echo {
        public static final TaskType<RawArguments, List<Object>> TYPE =
                TaskType.ofList("echo", RawArguments.class, Object.class);

        private Echo() {}
    }
}
