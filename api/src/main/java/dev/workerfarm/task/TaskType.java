package dev.workerfarm.task;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The contract of one task, known to producers and workers alike: name, queue, argument record, result type. Made by
 * {@link #of} and {@link #ofList}. Immutable; kept in a constant, such as {@link Square#TYPE}.
 *
 * @param <A> the argument record; its components are the task's parameters, by order and by name
 * @param <R> the result as the caller gets it
 * @param name what travels in the {@code task} header, 1 to 255 characters
 * @param resultType the result's class, or its elements' where {@code hasListResult}
 * @param retry when it is run again, or null: it fails with its first failure
 * @param timeLimits how long one run may take
 */
public record TaskType<A, R>(
        String name,
        Class<A> argumentType,
        Class<?> resultType,
        boolean hasListResult,
        TaskQueue queue,
        boolean usesSharedState,
        @Nullable RetryPolicy retry,
        TimeLimits timeLimits) {
    /** @throws IllegalArgumentException if the name is empty or too long, or the argument type is no record */
    public TaskType {
        Objects.requireNonNull(resultType, "resultType");
        Objects.requireNonNull(queue, "queue");
        Objects.requireNonNull(timeLimits, "timeLimits");
        if (name.isBlank() || name.length() > 255) {
            throw new IllegalArgumentException("a task name has 1 to 255 characters: '" + name + "'");
        }
        if (!argumentType.isRecord()) {
            throw new IllegalArgumentException(name + ": the argument type must be a record, not " + argumentType);
        }
    }

    /**
     * A type on {@link TaskQueue#TASKS} without shared state.
     *
     * @param name what travels in the {@code task} header, 1 to 255 characters
     * @param argumentType a record whose components are the parameters, or {@link RawArguments}
     * @param resultType what the caller gets; {@code Object.class} leaves the JSON value as it is
     * @throws IllegalArgumentException if the name is empty or too long, or the argument type is no record
     */
    public static <A, R> TaskType<A, R> of(String name, Class<A> argumentType, Class<R> resultType) {
        return new TaskType<>(name, argumentType, resultType, false, TaskQueue.TASKS, false, null, TimeLimits.NONE);
    }

    /** As {@link #of}, with a list of {@code elementType} as the result. */
    public static <A, E> TaskType<A, List<E>> ofList(String name, Class<A> argumentType, Class<E> elementType) {
        return new TaskType<>(name, argumentType, elementType, true, TaskQueue.TASKS, false, null, TimeLimits.NONE);
    }

    /** A copy that is published to {@code queue}. */
    public TaskType<A, R> on(TaskQueue queue) {
        return new TaskType<>(name, argumentType, resultType, hasListResult, queue, usesSharedState, retry, timeLimits);
    }

    /** A copy whose runs may use {@link TaskContext#shared()}. */
    public TaskType<A, R> withSharedState() {
        return new TaskType<>(name, argumentType, resultType, hasListResult, queue, true, retry, timeLimits);
    }

    /**
     * A copy that is run again where it fails, unless a call says otherwise. A map of it travels one item a message.
     */
    public TaskType<A, R> withRetry(RetryPolicy retry) {
        return new TaskType<>(name, argumentType, resultType, hasListResult, queue, usesSharedState, retry, timeLimits);
    }

    /** A copy whose runs may take no longer. A call may say otherwise. */
    public TaskType<A, R> withTimeLimits(TimeLimits timeLimits) {
        return new TaskType<>(name, argumentType, resultType, hasListResult, queue, usesSharedState, retry, timeLimits);
    }

    @Override
    public String toString() {
        return name;
    }
}
