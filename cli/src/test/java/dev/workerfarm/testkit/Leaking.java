package dev.workerfarm.testkit;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A task that keeps memory for as long as its process lives, and returns the process's id. */
public final class Leaking implements Task<Leaking.Arguments, Long> {
    public static final TaskType<Arguments, Long> TYPE = TaskType.of("test.leaking", Arguments.class, Long.class);

    private static final List<byte[]> KEPT = Collections.synchronizedList(new ArrayList<>());

    /**
     * What it takes.
     *
     * @param megabytes to keep more
     */
    public record Arguments(int megabytes) {}

    @Override
    public TaskType<Arguments, Long> type() {
        return TYPE;
    }

    @Override
    public Long run(Arguments args, TaskContext context) {
        for (int i = 0; i < args.megabytes(); i++) {
            KEPT.add(new byte[1 << 20]);
        }
        return ProcessHandle.current().pid();
    }
}
