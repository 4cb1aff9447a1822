package dev.workerfarm.worker.task;

import dev.workerfarm.task.BuiltIn.Echo;
import dev.workerfarm.task.RawArguments;
import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import java.util.List;

/** Returns {@code [args, kwargs]}. */
public final class EchoTask implements Task<RawArguments, List<Object>> {
    @Override
    public TaskType<RawArguments, List<Object>> type() {
        return Echo.TYPE;
    }

    @Override
    public List<Object> run(RawArguments args, TaskContext context) {
        return List.of(args.args(), args.kwargs());
    }
}
