package dev.workerfarm.testkit;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import java.io.IOException;

/** A task that uses its process's standard streams as user code does, and returns the process's id. */
public final class Printing implements Task<Printing.Arguments, Long> {
    public static final TaskType<Arguments, Long> TYPE = TaskType.of("test.printing", Arguments.class, Long.class);

    /**
     * What it takes.
     *
     * @param kind {@code read}: fails unless standard input is at its end; {@code out} or {@code err}: prints {@code value} as a
     *     line; {@code endless-out} or {@code endless-err}: prints 30 MB without a line end; {@code shell}: runs {@code value}
     *     in a shell that has this process's streams and waits for its end; {@code leave}: the same and does not wait
     */
    public record Arguments(String kind, String value) {}

    @Override
    public TaskType<Arguments, Long> type() {
        return TYPE;
    }

    @Override
    public Long run(Arguments args, TaskContext context) throws IOException, InterruptedException {
        switch (args.kind()) {
            case "read" -> {
                if (System.in.read() != -1) {
                    throw new IOException("standard input is not at its end");
                }
            }
            case "out" -> System.out.println(args.value());
            case "err" -> System.err.println(args.value());
            case "endless-out" -> System.out.print("o".repeat(30_000_000));
            case "endless-err" -> System.err.print("e".repeat(30_000_000));
            case "shell" -> shell(args.value()).waitFor();
            case "leave" -> shell(args.value());
            default -> throw new IllegalArgumentException(args.kind());
        }
        return ProcessHandle.current().pid();
    }

    private static Process shell(String script) throws IOException {
        return new ProcessBuilder("sh", "-c", script).inheritIO().start();
    }
}
