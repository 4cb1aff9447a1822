package dev.workerfarm.cli.calls;

import dev.workerfarm.task.BuiltIn;
import dev.workerfarm.task.TaskType;
import java.util.ArrayList;
import picocli.CommandLine.Parameters;

/** The name of the task that a command runs. Filled by picocli. */
final class TaskParameter {
    @Parameters(
            index = "0",
            paramLabel = "TASK",
            completionCandidates = BuiltInTasks.class,
            description = "The task's name.")
    String name = "";

    /** What a shell offers; those of jars only the workers know. */
    private static final class BuiltInTasks extends ArrayList<String> {
        BuiltInTasks() {
            super(BuiltIn.TYPES.stream().map(TaskType::name).toList());
        }
    }
}
