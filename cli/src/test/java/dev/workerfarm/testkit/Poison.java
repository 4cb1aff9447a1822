package dev.workerfarm.testkit;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A task that ends its process in whatever way it is told, or in none; each run is a line in a file. */
public final class Poison implements Task<Poison.Arguments, Object> {
    public static final TaskType<Arguments, Object> TYPE = TaskType.of("test.poison", Arguments.class, Object.class);

    private static final Logger LOG = LoggerFactory.getLogger(Poison.class);

    /**
     * What it takes.
     *
     * @param log the file to which each run adds a line
     * @param kind {@code none}, {@code halt}, {@code exit}, {@code kill}, {@code memory} or {@code crash}
     * @param value what to return where it survives
     */
    public record Arguments(String log, String kind, long value) {}

    @Override
    public TaskType<Arguments, Object> type() {
        return TYPE;
    }

    @Override
    public Object run(Arguments args, TaskContext context) throws Exception {
        if (!args.log().isEmpty()) {
            Files.writeString(
                    Path.of(args.log()),
                    args.kind() + " " + args.value() + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        }
        if (!args.kind().equals("none")) {
            LOG.warn("last words of {}", args.kind());
        }
        switch (args.kind()) {
            case "halt" -> Runtime.getRuntime().halt(17);
            case "exit" -> System.exit(0);
            case "kill" -> {
                var pid = Long.toString(ProcessHandle.current().pid());
                new ProcessBuilder("kill", "-9", pid).start().waitFor();
                Thread.sleep(10_000); // a signal takes its time
            }
            case "memory" -> fill();
            case "crash" -> crash();
            default -> {
                return args.value();
            }
        }
        throw new IllegalStateException("survived " + args.kind());
    }

    private static void fill() {
        List<byte[]> held = new ArrayList<>();
        while (held.size() < 1_000_000) {
            held.add(new byte[64 * 1024 * 1024]);
        }
        LOG.warn("held {}", held.size());
    }

    /** Writes where no memory is. */
    private static void crash() throws ReflectiveOperationException {
        var type = Class.forName("sun.misc.Unsafe");
        Field field = type.getDeclaredField("theUnsafe");
        field.setAccessible(true);
        type.getMethod("putAddress", long.class, long.class).invoke(field.get(null), 1L, 1L);
    }
}
