package dev.workerfarm.testkit;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import java.nio.file.Path;

/** Waits for a gate, then adds 1 to a shared value, which it reads for that, whatever a failed read may throw; gives its attempt. */
public final class GatedRead implements Task<GatedRead.Arguments, Integer> {
    public static final TaskType<Arguments, Integer> TYPE =
            TaskType.of("test.gated_read", Arguments.class, Integer.class).withSharedState();

    /**
     * What it takes.
     *
     * @param name of the value
     * @param mark the file that lists its begins
     * @param gate the file to wait for, 60 s at most and no longer than {@code mark} is there
     */
    public record Arguments(String name, String mark, String gate) {}

    @Override
    public TaskType<Arguments, Integer> type() {
        return TYPE;
    }

    @Override
    public Integer run(Arguments args, TaskContext context) throws Exception {
        Begins.add(Path.of(args.mark()));
        Gate.await(Path.of(args.gate()), Path.of(args.mark()));
        try {
            context.shared().value(args.name()).addAndGet(1);
        } catch (RuntimeException e) {
            return -1; // what a task makes of it does not count
        }
        return context.attempt();
    }
}
