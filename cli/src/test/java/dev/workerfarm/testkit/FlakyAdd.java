package dev.workerfarm.testkit;

import dev.workerfarm.task.RetryPolicy;
import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** A task that adds to a shared value and then, at first, fails. */
public final class FlakyAdd implements Task<FlakyAdd.Arguments, Object> {
    public static final TaskType<Arguments, Object> TYPE = TaskType.of("test.flaky_add", Arguments.class, Object.class)
            .withSharedState()
            .withRetry(RetryPolicy.of(5)
                    .withFirst(Duration.ofSeconds(1))
                    .withFactor(1)
                    .withJitter(0));

    /**
     * What it takes.
     *
     * @param log the file in which each run is a line
     * @param failures how many attempts are in vain
     * @param value the shared value
     * @param by what is added
     */
    public record Arguments(String log, int failures, String value, long by) {}

    @Override
    public TaskType<Arguments, Object> type() {
        return TYPE;
    }

    @Override
    public Object run(Arguments args, TaskContext context) throws IOException {
        Flaky.note(Path.of(args.log()), context);
        context.shared().value(args.value()).add(args.by());
        if (context.attempt() < args.failures()) {
            throw new IOException("attempt " + context.attempt() + " is in vain");
        }
        return context.attempt();
    }
}
