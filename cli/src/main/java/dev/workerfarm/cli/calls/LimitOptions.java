package dev.workerfarm.cli.calls;

import dev.workerfarm.task.TimeLimits;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags that say how long a task may run. Filled by picocli. */
final class LimitOptions {
    @Option(
            names = "--soft-limit",
            paramLabel = "DURATION",
            description = "Interrupt the task when it has run for so long: 500ms, 20s, 5m or 2h.")
    private @Nullable Duration soft;

    @Option(
            names = "--hard-limit",
            paramLabel = "DURATION",
            description = "Fail it, and end the process that it keeps, when it has run for so long.")
    private @Nullable Duration hard;

    /** @throws IllegalArgumentException if one is 0 or longer than a year */
    TimeLimits timeLimits() {
        return new TimeLimits(soft, hard);
    }
}
