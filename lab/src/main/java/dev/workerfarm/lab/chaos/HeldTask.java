package dev.workerfarm.lab.chaos;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

/**
 * A task that ends when the storm lets it, so that its process can be killed between its commit and its ack: it counts as
 * {@link StormTask} does, and besides in a value of its own, where the storm sees the commit.
 */
public final class HeldTask implements Task<HeldTask.Arguments, Long> {
    static final TaskType<Arguments, Long> TYPE =
            TaskType.of("storm.held", Arguments.class, Long.class).withSharedState();

    private static final int LOOK_EVERY_MILLIS = 5;

    /**
     * Each run adds its process's id to {@code begun}. It ends when {@code gate} is there, or {@code begun} is gone.
     */
    public record Arguments(long number, String value, String begun, String gate) {}

    @Override
    public TaskType<Arguments, Long> type() {
        return TYPE;
    }

    @Override
    public Long run(Arguments args, TaskContext context) throws Exception {
        var begun = Path.of(args.begun());
        Files.writeString(
                begun, ProcessHandle.current().pid() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        context.shared().value(StormTask.TOTAL).add(1);
        context.shared().array(StormTask.ARRAY).add((int) (args.number() % StormTask.ELEMENTS), 1);
        context.shared().value(args.value()).add(1);
        while (Files.notExists(Path.of(args.gate())) && Files.exists(begun)) {
            TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MILLIS);
        }
        return args.number();
    }
}
