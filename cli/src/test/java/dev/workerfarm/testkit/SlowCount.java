package dev.workerfarm.testkit;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import java.util.concurrent.TimeUnit;

/** A task that adds 1 to an element of a shared array and takes some time: no two items of a map have the same element. */
public final class SlowCount implements Task<SlowCount.Arguments, Long> {
    public static final TaskType<Arguments, Long> TYPE =
            TaskType.of("test.slow_count", Arguments.class, Long.class).withSharedState();

    /**
     * What it takes.
     *
     * @param name of the array
     * @param number returned, and the index of the element
     * @param millis how long it runs
     */
    public record Arguments(String name, int number, int millis) {}

    @Override
    public TaskType<Arguments, Long> type() {
        return TYPE;
    }

    @Override
    public Long run(Arguments args, TaskContext context) throws InterruptedException {
        context.shared().array(args.name()).add(args.number(), 1);
        TimeUnit.MILLISECONDS.sleep(args.millis());
        return (long) args.number();
    }
}
