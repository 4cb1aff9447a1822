package dev.workerfarm.cli.calls;

import dev.workerfarm.cli.input.Candidates;
import picocli.CommandLine.Parameters;

/** The name of the task that a command runs. Filled by picocli. */
final class TaskParameter {
    @Parameters(
            index = "0",
            paramLabel = "TASK",
            completionCandidates = Candidates.Tasks.class,
            description = "The task's name.")
    String name = "";
}
