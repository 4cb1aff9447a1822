package dev.workerfarm.testkit;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/** A task that makes a file, hears no interrupt and does not end before the file is gone. */
public final class Stubborn implements Task<Stubborn.Arguments, Object> {
    public static final TaskType<Arguments, Object> TYPE = TaskType.of("test.stubborn", Arguments.class, Object.class);

    /**
     * What it takes.
     *
     * @param mark the file to make
     */
    public record Arguments(String mark) {}

    @Override
    public TaskType<Arguments, Object> type() {
        return TYPE;
    }

    @Override
    public Object run(Arguments args, TaskContext context) throws Exception {
        var mark = Path.of(args.mark());
        Files.writeString(mark, context.id() + " " + ProcessHandle.current().pid());
        while (Files.exists(mark)) {
            Thread.interrupted();
            LockSupport.parkNanos(1_000_000);
        }
        return "ended";
    }
}
