package dev.workerfarm.testkit;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import dev.workerfarm.task.TimeLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** A task that counts without an end where it is told to, deaf to interrupts, and notes each run in a file. */
public final class Overlong implements Task<Overlong.Arguments, Object> {
    public static final Duration HARD_LIMIT = Duration.ofMillis(700);

    public static final TaskType<Arguments, Object> TYPE = TaskType.of("test.overlong", Arguments.class, Object.class)
            .withTimeLimits(TimeLimits.NONE.withHard(HARD_LIMIT));

    /**
     * What it takes.
     *
     * @param log the file in which each begin is a line, see {@link Begins}
     * @param endless whether it does not end
     * @param value what to return
     */
    public record Arguments(String log, boolean endless, Object value) {}

    @Override
    public TaskType<Arguments, Object> type() {
        return TYPE;
    }

    @Override
    public Object run(Arguments args, TaskContext context) throws IOException {
        return run(args);
    }

    static Object run(Arguments args) throws IOException {
        Begins.add(Path.of(args.log()));
        long sum = 0;
        while (args.endless()) {
            sum += count();
        }
        return sum == 0 ? args.value() : sum;
    }

    /** The kind of loop in which a JIT compiler leaves out the look whether other threads want the JVM to stand still. */
    private static long count() {
        long sum = 0;
        for (int i = 0; i < Integer.MAX_VALUE; i++) {
            sum = sum * 31 + i;
        }
        return sum;
    }
}
