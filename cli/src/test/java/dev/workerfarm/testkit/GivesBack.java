package dev.workerfarm.testkit;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import dev.workerfarm.task.TaskType.ResultType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A task that returns what it was given, and fails at first. */
public final class GivesBack implements Task<GivesBack.Arguments, Map<String, List<Values>>> {
    public static final TaskType<Arguments, Map<String, List<Values>>> TYPE =
            TaskType.of("test.gives_back", Arguments.class, new ResultType<Map<String, List<Values>>>() {});

    /**
     * What it takes.
     *
     * @param values returned, under the name {@code values}
     * @param failures how many attempts are in vain
     * @param obstacle a file; every attempt is in vain as long as it is there
     */
    public record Arguments(List<Values> values, int failures, String obstacle) {}

    @Override
    public TaskType<Arguments, Map<String, List<Values>>> type() {
        return TYPE;
    }

    @Override
    public Map<String, List<Values>> run(Arguments args, TaskContext context) throws IOException {
        if (context.attempt() < args.failures() || Files.exists(Path.of(args.obstacle()))) {
            throw new IOException("attempt " + context.attempt() + " is in vain");
        }
        return Map.of("values", args.values());
    }
}
