package dev.workerfarm.testkit;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import java.nio.file.Path;

/**
 * A task that adds 1 to a shared value and then runs until the test lets it end. Each begin appends the process's id, on a
 * line, to a file.
 */
public final class GatedCount implements Task<GatedCount.Arguments, String> {
    public static final TaskType<Arguments, String> TYPE =
            TaskType.of("test.gated_count", Arguments.class, String.class).withSharedState();

    /**
     * What it takes.
     *
     * @param name of the value
     * @param mark the file that lists its begins
     * @param gate the file to wait for, 60 s at most and no longer than {@code mark} is there
     */
    public record Arguments(String name, String mark, String gate) {}

    @Override
    public TaskType<Arguments, String> type() {
        return TYPE;
    }

    @Override
    public String run(Arguments args, TaskContext context) throws Exception {
        context.shared().value(args.name()).add(1);
        Begins.add(Path.of(args.mark()));
        Gate.await(Path.of(args.gate()), Path.of(args.mark()));
        return context.id();
    }
}
