package dev.workerfarm.pool;

import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.task.BuiltIn;
import dev.workerfarm.task.RawArguments;
import dev.workerfarm.task.RetryPolicy;
import dev.workerfarm.task.TaskQueue;
import dev.workerfarm.task.TaskType;
import dev.workerfarm.task.TimeLimits;
import dev.workerfarm.wire.Arguments;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A called task, its queue ({@code declared} by the pool; null: it must exist), and what its result becomes.
 *
 * @param keepsNumbers whether a whole number becomes that, as it came
 */
record Callee<R>(
        String task,
        String queue,
        @Nullable TaskQueue declared,
        Function<@Nullable Object, R> conversion,
        boolean keepsNumbers,
        @Nullable Class<?> argumentType,
        @Nullable RetryPolicy retry,
        TimeLimits timeLimits) {
    record Args(List<? extends @Nullable Object> positional, Map<String, ?> kwargs) {}

    /** A task by its type, on the type's queue. */
    static <R> Callee<R> of(TaskType<?, R> type, QueueNames names) {
        Objects.requireNonNull(type, "type");
        return new Callee<>(
                type.name(),
                names.of(type.queue()),
                type.queue(),
                value -> Arguments.result(type, value),
                List.of(Object.class, Number.class, Long.class).contains(type.resultType()),
                type.argumentType(),
                type.retry(),
                type.timeLimits());
    }

    /** A task by its name, on the queue of the built-in task of that name, or that of all others. */
    static Callee<@Nullable Object> named(String task, QueueNames names) {
        var queue = BuiltIn.queueOf(Objects.requireNonNull(task, "name"));
        return new Callee<>(task, names.of(queue), queue, value -> value, true, null, null, TimeLimits.NONE);
    }

    /** What was given is the arguments by position, unless it is the one argument record of the task's type. */
    Args arguments(@Nullable Object @Nullable ... arguments) {
        var given = arguments == null ? new @Nullable Object[] {null} : arguments; // apply(TYPE, null) has one argument
        if (given.length != 1 || argumentType == null || !argumentType.isInstance(given[0])) {
            return new Args(new ArrayList<>(Arrays.asList(given)), Map.of());
        }
        return given[0] instanceof RawArguments raw
                ? new Args(raw.args(), raw.kwargs())
                : new Args(Arguments.components((Record) given[0]), Map.of());
    }

    /** The arguments by position of a call whose sole argument this is, unless it is the argument record of the task's type. */
    List<? extends @Nullable Object> sole(@Nullable Object argument) {
        return argumentType != null && argumentType.isInstance(argument)
                ? positional(argument)
                : Collections.singletonList(argument);
    }

    /** As {@link #arguments}, of an item of a map. Throws IllegalArgumentException where it has keyword arguments. */
    List<? extends @Nullable Object> positional(@Nullable Object... arguments) {
        var args = arguments(arguments);
        if (!args.kwargs().isEmpty()) {
            throw new IllegalArgumentException("an item of a map of " + task + " has keyword arguments");
        }
        return args.positional();
    }
}
