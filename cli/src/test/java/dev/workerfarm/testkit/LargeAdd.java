package dev.workerfarm.testkit;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;

/** A task that adds one to a shared value and returns a text of so many characters. */
public final class LargeAdd implements Task<LargeAdd.Arguments, String> {
    public static final TaskType<Arguments, String> TYPE =
            TaskType.of("test.large_add", Arguments.class, String.class).withSharedState();

    /** The arguments of the task. */
    public record Arguments(String value, int chars) {}

    @Override
    public TaskType<Arguments, String> type() {
        return TYPE;
    }

    @Override
    public String run(Arguments args, TaskContext context) {
        context.shared().value(args.value()).add(1);
        return "x".repeat(args.chars());
    }
}
