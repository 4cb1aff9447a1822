package dev.workerfarm.testkit;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import java.io.IOException;

/** As {@link Overlong}, after it has added 1 to the shared value {@value #VALUE}; without a limit of its own. */
public final class OverlongAdd implements Task<Overlong.Arguments, Object> {
    public static final String VALUE = "overlong";

    public static final TaskType<Overlong.Arguments, Object> TYPE = TaskType.of(
                    "test.overlong_add", Overlong.Arguments.class, Object.class)
            .withSharedState();

    @Override
    public TaskType<Overlong.Arguments, Object> type() {
        return TYPE;
    }

    @Override
    public Object run(Overlong.Arguments args, TaskContext context) throws IOException {
        context.shared().value(VALUE).add(1);
        return Overlong.run(args);
    }
}
