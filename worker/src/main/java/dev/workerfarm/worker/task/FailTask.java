package dev.workerfarm.worker.task;

import dev.workerfarm.task.BuiltIn.Fail;
import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;

/** Fails with its message. */
public final class FailTask implements Task<Fail, Object> {
    @Override
    public TaskType<Fail, Object> type() {
        return Fail.TYPE;
    }

    @Override
    public Object run(Fail args, TaskContext context) {
        throw new IllegalStateException(args.message() == null ? "failed on purpose" : args.message());
    }
}
