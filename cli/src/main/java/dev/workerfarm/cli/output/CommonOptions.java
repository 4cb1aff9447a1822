package dev.workerfarm.cli.output;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags of every command that runs tasks. Filled by picocli. */
public final class CommonOptions {
    @Option(
            names = "--json",
            description = "Print JSON: for each item one line with index, id, ok, and value or error.")
    public boolean json;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "Give up after 500ms, 20s, 5m or 2h (exit code 4); what has not begun is cancelled.")
    public @Nullable Duration timeout;

    @Option(
            names = "--detach",
            description =
                    "Publish, print each task's id, and do not wait; producer result ID has the result for a day.")
    public boolean detach;

    @Option(
            names = "--queue",
            paramLabel = "Q",
            converter = QueueWord.class,
            description = "Publish to this queue instead of the task's own.")
    public @Nullable String queue;

    @Option(names = "--quiet", description = "No hints and no progress bar on standard error; failures still are told.")
    public boolean quiet;

    @Option(names = "--verbose", description = "Stack traces and a debug log on standard error.")
    public boolean verbose;

    private static final Duration PUBLISH_TIMEOUT = Duration.ofSeconds(60);

    /** How long to wait until the broker has a task whose result nobody waits for. */
    public Duration publishTimeout() {
        return timeout == null ? PUBLISH_TIMEOUT : timeout;
    }
}
