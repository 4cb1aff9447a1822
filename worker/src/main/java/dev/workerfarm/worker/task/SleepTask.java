package dev.workerfarm.worker.task;

import dev.workerfarm.task.BuiltIn.Sleep;
import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import org.jspecify.annotations.Nullable;

/** Waits, then returns its value. */
public final class SleepTask implements Task<Sleep, Object> {
    @Override
    public TaskType<Sleep, Object> type() {
        return Sleep.TYPE;
    }

    @Override
    @SuppressWarnings("NullAway") // null is a value like any other here
    public Object run(Sleep args, TaskContext context) throws InterruptedException {
        if (args.ms() < 0) {
            throw new IllegalArgumentException("sleep length must be non-negative");
        }
        Thread.sleep(args.ms());
        @Nullable Object value = args.value();
        return value;
    }
}
