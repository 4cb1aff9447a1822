package dev.workerfarm.pool;

import dev.workerfarm.message.Arguments;
import dev.workerfarm.task.TaskType;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which task is called, and what its JSON result becomes.
 *
 * @param task its name
 */
record Callee<R>(String task, Function<@Nullable Object, R> conversion) {
    static <R> Callee<R> of(TaskType<?, R> type) {
        return new Callee<>(type.name(), value -> Arguments.result(type, value));
    }

    static Callee<@Nullable Object> named(String task) {
        return new Callee<>(task, value -> value);
    }
}
