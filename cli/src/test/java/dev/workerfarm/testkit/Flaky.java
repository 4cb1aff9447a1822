package dev.workerfarm.testkit;

import dev.workerfarm.task.RetryLater;
import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A task that fails at first, and notes each run in a file. */
public final class Flaky implements Task<Flaky.Arguments, Object> {
    public static final TaskType<Arguments, Object> TYPE = TaskType.of("test.flaky", Arguments.class, Object.class);

    /**
     * What it takes.
     *
     * @param log the file in which each run is a line
     * @param failures how many attempts are in vain
     * @param laterMillis if given, it fails by asking for another run after this time
     */
    public record Arguments(
            String log, int failures, @Nullable Long laterMillis) {}

    /** One run, as the file has it. */
    public record Run(int attempt, long atMillis, long pid) {}

    @Override
    public TaskType<Arguments, Object> type() {
        return TYPE;
    }

    @Override
    public Object run(Arguments args, TaskContext context) throws IOException {
        note(Path.of(args.log()), context);
        if (context.attempt() < args.failures()) {
            if (args.laterMillis() != null) {
                throw new RetryLater(Duration.ofMillis(args.laterMillis()));
            }
            throw new IOException("attempt " + context.attempt() + " is in vain");
        }
        return context.attempt();
    }

    static void note(Path log, TaskContext context) throws IOException {
        var pid = ProcessHandle.current().pid();
        Files.writeString(
                log,
                context.attempt() + " " + System.currentTimeMillis() + " " + pid + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    /** The runs so far. */
    public static List<Run> runs(Path log) throws IOException {
        if (!Files.exists(log)) {
            return List.of();
        }
        return Files.readAllLines(log).stream()
                .map(line -> line.split(" ", -1))
                .map(parts -> new Run(Integer.parseInt(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2])))
                .toList();
    }
}
