package dev.workerfarm.testkit;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** A task that works for a moment and at its end adds its number to a file, on a line: what finished, and how often. */
public final class Noted implements Task<Noted.Arguments, Long> {
    public static final TaskType<Arguments, Long> TYPE = TaskType.of("test.noted", Arguments.class, Long.class);

    /**
     * What it takes.
     *
     * @param log the file
     * @param number returned
     * @param ms how long it takes, in milliseconds
     */
    public record Arguments(String log, long number, long ms) {}

    @Override
    public TaskType<Arguments, Long> type() {
        return TYPE;
    }

    @Override
    public Long run(Arguments args, TaskContext context) throws IOException, InterruptedException {
        Thread.sleep(args.ms());
        Files.writeString(
                Path.of(args.log()), args.number() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        return args.number();
    }

    /** The numbers of the calls that finished, as they did. */
    public static List<Long> finished(Path log) throws IOException {
        return Files.readAllLines(log).stream().map(Long::valueOf).toList();
    }
}
