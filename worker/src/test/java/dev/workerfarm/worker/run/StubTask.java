package dev.workerfarm.worker.run;

import dev.workerfarm.task.RawArguments;
import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import org.jspecify.annotations.Nullable;

/** A task of any type whose work is a lambda. */
public record StubTask<A>(TaskType<A, Object> type, Work<A> work) implements Task<A, Object> {
    public interface Work<A> {
        @Nullable
        Object run(A args, TaskContext context) throws Exception;
    }

    /** A task that takes anything. */
    public static StubTask<RawArguments> of(String name, Work<RawArguments> work) {
        return new StubTask<>(TaskType.of(name, RawArguments.class, Object.class), work);
    }

    @Override
    @SuppressWarnings("NullAway") // null is a value like any other here
    public Object run(A args, TaskContext context) throws Exception {
        return work.run(args, context);
    }
}
