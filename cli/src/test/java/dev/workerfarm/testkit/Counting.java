package dev.workerfarm.testkit;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import java.util.concurrent.TimeUnit;

/** A task that counts: adds 1 to a shared value and to an element of a shared array, after a millisecond of work. */
public final class Counting implements Task<Counting.Arguments, Long> {
    public static final TaskType<Arguments, Long> TYPE =
            TaskType.of("test.counting", Arguments.class, Long.class).withSharedState();

    /**
     * What it takes.
     *
     * @param name of the value, and of the array
     * @param number returned; modulo the elements it is the element's index
     * @param elements how many the array has
     */
    public record Arguments(String name, long number, int elements) {}

    @Override
    public TaskType<Arguments, Long> type() {
        return TYPE;
    }

    @Override
    public Long run(Arguments args, TaskContext context) throws InterruptedException {
        context.shared().value(args.name()).add(1);
        TimeUnit.MILLISECONDS.sleep(1);
        context.shared().array(args.name()).add((int) (args.number() % args.elements()), 1);
        return args.number();
    }
}
