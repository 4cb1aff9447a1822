package dev.workerfarm.worker.task;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import dev.workerfarm.task.UpdateArray;
import java.util.List;

/** The article's {@code update_array}. */
public final class UpdateArrayTask implements Task<UpdateArray, List<Number>> {
    @Override
    public TaskType<UpdateArray, List<Number>> type() {
        return UpdateArray.TYPE;
    }

    @Override
    public List<Number> run(UpdateArray args, TaskContext context) {
        return context.shared().array(args.name()).addToAllAndGet(args.by());
    }
}
