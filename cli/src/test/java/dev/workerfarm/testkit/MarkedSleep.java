package dev.workerfarm.testkit;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A task of a user's own, found by ServiceLoader on the class path: makes a file, so that a test knows it runs on whatever
 * broker (Broker-J counts what a consumer holds among the messages of its queue), and sleeps.
 */
public final class MarkedSleep implements Task<MarkedSleep.Arguments, Object> {
    public static final TaskType<Arguments, Object> TYPE =
            TaskType.of("test.marked_sleep", Arguments.class, Object.class);

    /**
     * What it takes.
     *
     * @param mark the file to make
     * @param ms how long to sleep then, in milliseconds
     * @param value what to return
     */
    public record Arguments(String mark, long ms, @Nullable String value) {}

    @Override
    public TaskType<Arguments, Object> type() {
        return TYPE;
    }

    @Override
    public Object run(Arguments args, TaskContext context) throws Exception {
        Files.writeString(Path.of(args.mark()), context.id());
        Thread.sleep(args.ms());
        return String.valueOf(args.value());
    }
}
