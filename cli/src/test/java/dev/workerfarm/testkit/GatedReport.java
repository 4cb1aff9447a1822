package dev.workerfarm.testkit;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskQueue;
import dev.workerfarm.task.TaskType;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A task of a user's jar on a queue of its own: says that it has begun, waits for a file, and returns how many of its kind
 * ran in its process once it had begun.
 */
public final class GatedReport implements Task<GatedReport.Arguments, Integer> {
    public static final TaskType<Arguments, Integer> TYPE =
            TaskType.of("test.gated_report", Arguments.class, Integer.class).on(TaskQueue.named("reports", 4));

    private final AtomicInteger running = new AtomicInteger();

    /**
     * What it takes.
     *
     * @param mark where {@link Begins} are noted
     * @param gate the file to wait for, 60 s at most and no longer than {@code mark} is there
     */
    public record Arguments(String mark, String gate) {}

    /** A jar with it. */
    public static TaskJar jar() {
        return new TaskJar()
                .with(GatedReport.class, Arguments.class, Begins.class, Gate.class)
                .naming(GatedReport.class);
    }

    @Override
    public TaskType<Arguments, Integer> type() {
        return TYPE;
    }

    @Override
    public Integer run(Arguments args, TaskContext context) throws Exception {
        var now = running.incrementAndGet();
        try {
            Begins.add(Path.of(args.mark()));
            Gate.await(Path.of(args.gate()), Path.of(args.mark()));
            return now;
        } finally {
            running.decrementAndGet();
        }
    }
}
