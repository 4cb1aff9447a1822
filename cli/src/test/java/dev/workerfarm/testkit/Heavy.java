package dev.workerfarm.testkit;

import dev.workerfarm.pool.Pool;
import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/** A task that returns a list of so many empty lists, of which each takes 96 bytes of its reader's heap, and its caller. */
public final class Heavy implements Task<Heavy.Arguments, Object> {
    public static final TaskType<Arguments, Object> TYPE = TaskType.of("test.heavy", Arguments.class, Object.class);

    /** The arguments of the task. */
    public record Arguments(int lists) {}

    @Override
    public TaskType<Arguments, Object> type() {
        return TYPE;
    }

    @Override
    public Object run(Arguments args, TaskContext context) {
        return Collections.nCopies(args.lists(), List.of());
    }

    /** A map with one message, whose items have so many lists: prints what the caller gets of each. */
    public static void main(String[] args) {
        var items = Stream.of(args).map(Integer::valueOf).toList();
        try (var pool = Pool.builder().environment(System.getenv()).connect()) {
            for (var item : pool.task(TYPE).chunkSize(items.size()).outcomes(items)) {
                var failure = item.failure();
                System.out.println(failure == null ? String.valueOf(((List<?>) item.value()).size()) : failure.text());
            }
        }
    }
}
