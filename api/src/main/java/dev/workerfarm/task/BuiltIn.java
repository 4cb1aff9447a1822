package dev.workerfarm.task;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

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
}
