package dev.workerfarm.testkit;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A task that runs until the test lets it end: makes a file when it begins, and waits for another. So a worker is busy for
 * certain, however slow the machine is.
 */
public final class Gated implements Task<Gated.Arguments, Object> {
    public static final TaskType<Arguments, Object> TYPE = TaskType.of("test.gated", Arguments.class, Object.class);

    /**
     * What it takes.
     *
     * @param mark the file to make
     * @param gate the file to wait for, 60 s at most and no longer than {@code mark} is there
     * @param value what to return
     */
    public record Arguments(String mark, String gate, String value) {}

    @Override
    public TaskType<Arguments, Object> type() {
        return TYPE;
    }

    @Override
    public Object run(Arguments args, TaskContext context) throws Exception {
        Files.writeString(Path.of(args.mark()), context.id());
        Gate.await(Path.of(args.gate()), Path.of(args.mark()));
        return args.value();
    }
}
