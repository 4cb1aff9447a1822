package dev.workerfarm.testkit;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;

/** A task that returns a text of so many characters. */
public final class Large implements Task<Large.Arguments, String> {
    public static final TaskType<Arguments, String> TYPE = TaskType.of("test.large", Arguments.class, String.class);

    /** The arguments of the task. */
    public record Arguments(int chars) {}

    @Override
    public TaskType<Arguments, String> type() {
        return TYPE;
    }

    @Override
    public String run(Arguments args, TaskContext context) {
        return "x".repeat(args.chars());
    }
}
