package dev.workerfarm.testkit;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;

/** As {@link LateInterrupt}, with shared state: also adds 1 to a value. Returns the value, so that its commit may conflict. */
public final class LateInterruptAdd implements Task<LateInterruptAdd.Arguments, Long> {
    public static final TaskType<Arguments, Long> TYPE =
            TaskType.of("test.late_interrupt_add", Arguments.class, Long.class).withSharedState();

    /**
     * What it takes.
     *
     * @param name of the value
     * @param afterMillis as {@link LateInterrupt.Arguments}
     * @param times as {@link LateInterrupt.Arguments}
     */
    public record Arguments(String name, int afterMillis, int times) {}

    @Override
    public TaskType<Arguments, Long> type() {
        return TYPE;
    }

    @Override
    public Long run(Arguments args, TaskContext context) {
        LateInterrupt.interruptLater(args.afterMillis(), args.times(), false);
        return context.shared().value(args.name()).addAndGet(1).longValue();
    }
}
