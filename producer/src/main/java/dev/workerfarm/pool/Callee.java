package dev.workerfarm.pool;

import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.task.BuiltIn;
import dev.workerfarm.task.RetryPolicy;
import dev.workerfarm.task.TaskType;
import dev.workerfarm.task.TimeLimits;
import dev.workerfarm.wire.Arguments;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which task is called, on which queue, and what its JSON result becomes. {@code retry} is null where its type does not
 * say.
 */
record Callee<R>(
        String task,
        String queue,
        Function<@Nullable Object, R> conversion,
        @Nullable RetryPolicy retry,
        TimeLimits timeLimits) {
    /** A task by its type, on the type's queue. */
    static <R> Callee<R> of(TaskType<?, R> type, QueueNames names) {
        return new Callee<>(
                type.name(),
                names.of(type.queue()),
                value -> Arguments.result(type, value),
                type.retry(),
                type.timeLimits());
    }

    /** A task by its name, on the queue of the built-in task of that name, or that of all others. */
    static Callee<@Nullable Object> named(String task, QueueNames names) {
        return named(task, names.of(BuiltIn.queueOf(task)));
    }

    /** A task by its name, on some queue. */
    static Callee<@Nullable Object> named(String task, String queue) {
        return new Callee<>(task, queue, value -> value, null, TimeLimits.NONE);
    }
}
