package dev.workerfarm.worker.task;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import dev.workerfarm.task.UpdateValue;

/** The article's {@code update_value}. */
public final class UpdateValueTask implements Task<UpdateValue, Number> {
    @Override
    public TaskType<UpdateValue, Number> type() {
        return UpdateValue.TYPE;
    }

    @Override
    public Number run(UpdateValue args, TaskContext context) {
        return context.shared().value(args.name()).addAndGet(args.by());
    }
}
