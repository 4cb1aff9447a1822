package dev.workerfarm.lab.chaos;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A task of 3 ms that adds 1 to a shared value and to a shared array's element, and for its run a byte to a file. */
public final class StormTask implements Task<StormTask.Arguments, Long> {
    static final String TOTAL = "total";
    static final String ARRAY = "array";
    static final int ELEMENTS = 1000;

    static final TaskType<Arguments, Long> TYPE =
            TaskType.of("storm.count", Arguments.class, Long.class).withSharedState();

    private static final int MILLIS = 3;

    /** The number is returned and makes the element's index. Each run makes the file {@code runs} a byte longer. */
    public record Arguments(long number, String runs) {}

    @Override
    public TaskType<Arguments, Long> type() {
        return TYPE;
    }

    @Override
    public Long run(Arguments args, TaskContext context) throws Exception {
        Files.write(Path.of(args.runs()), new byte[1], StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        count(args.number(), context);
        TimeUnit.MILLISECONDS.sleep(MILLIS);
        return args.number();
    }

    private static void count(long number, TaskContext context) {
        context.shared().value(TOTAL).add(1);
        context.shared().array(ARRAY).add((int) (number % ELEMENTS), 1);
    }

    /** Counts as the other does, and in a value of its own; it runs until the storm ends it or kills its process. */
    public static final class Held implements Task<Held.Input, Long> {
        static final TaskType<Input, Long> TYPE =
                TaskType.of("storm.held", Input.class, Long.class).withSharedState();

        private static final int LOOK_EVERY_MILLIS = 5;

        /** Each run adds its process's id to {@code begun}. It ends when {@code gate} is there, or {@code begun} is gone. */
        public record Input(long number, String value, String begun, String gate) {}

        @Override
        public TaskType<Input, Long> type() {
            return TYPE;
        }

        @Override
        public Long run(Input args, TaskContext context) throws Exception {
            var begun = Path.of(args.begun());
            var pid = ProcessHandle.current().pid() + "\n";
            Files.writeString(begun, pid, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            count(args.number(), context);
            context.shared().value(args.value()).add(1);
            while (Files.notExists(Path.of(args.gate())) && Files.exists(begun)) {
                TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MILLIS);
            }
            return args.number();
        }
    }

    /** Writes both as a jar into a folder for {@code FARM_TASKS}: they are no built-in tasks of everybody's farm. */
    static void writeJarTo(Path folder) throws IOException {
        try (var jar = new ZipOutputStream(Files.newOutputStream(folder.resolve("storm.jar")))) {
            for (var type : List.of(StormTask.class, Arguments.class, Held.class, Held.Input.class)) {
                var name = type.getName().replace('.', '/') + ".class";
                jar.putNextEntry(new ZipEntry(name));
                try (var code = Objects.requireNonNull(type.getResourceAsStream("/" + name), name)) {
                    code.transferTo(jar);
                }
            }
            jar.putNextEntry(new ZipEntry("META-INF/services/" + Task.class.getName()));
            var tasks = StormTask.class.getName() + "\n" + Held.class.getName() + "\n";
            jar.write(tasks.getBytes(StandardCharsets.UTF_8));
        }
    }
}
