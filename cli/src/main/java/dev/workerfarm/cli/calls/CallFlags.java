package dev.workerfarm.cli.calls;

import dev.workerfarm.task.BuiltIn;
import dev.workerfarm.task.TaskType;
import dev.workerfarm.task.TimeLimits;
import java.time.Duration;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Flags that several commands which call tasks share. Filled by picocli. */
final class CallFlags {
    static final class Task {
        @Parameters(
                index = "0",
                paramLabel = "TASK",
                completionCandidates = Names.class,
                description = "The task's name.")
        String name = "";
    }

    /** The tasks that a shell offers: the built-in ones, as only the workers know those of jars. */
    private static final class Names extends ArrayList<String> {
        Names() {
            super(BuiltIn.TYPES.stream().map(TaskType::name).toList());
        }
    }

    static final class Chunk {
        @Option(
                names = "--chunk-size",
                paramLabel = "N",
                description = "Items a message. Default: sized by measured time.")
        private int size;

        /** Throws IllegalArgumentException if the size is negative. */
        int size() {
            if (size < 0) {
                throw new IllegalArgumentException("a chunk has 1 item or more, or 0 for automatic: " + size);
            }
            return size;
        }
    }

    static final class Limits {
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

        /** Throws IllegalArgumentException if one is 0 or longer than a year. */
        TimeLimits timeLimits() {
            return new TimeLimits(soft, hard);
        }
    }
}
