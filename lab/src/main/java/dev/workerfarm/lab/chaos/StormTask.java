package dev.workerfarm.lab.chaos;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

/**
 * A task of the storm: 3 ms, one more in a shared value and in one element of a shared array, and a byte more in a file,
 * which is no shared state and so counts runs, not tasks.
 */
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
        context.shared().value(TOTAL).add(1);
        context.shared().array(ARRAY).add((int) (args.number() % ELEMENTS), 1);
        TimeUnit.MILLISECONDS.sleep(MILLIS);
        return args.number();
    }
}
