package dev.workerfarm.task;

import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The contract of one task, known to producers and workers alike: name, queue, argument record, result type.
 * Immutable; kept in a constant, such as {@link Square#TYPE}.
 *
 * @param <A> the argument record; its components are the task's parameters, by order and by name
 * @param <R> the result as the caller gets it
 */
public final class TaskType<A, R> {
    private final String name;
    private final Class<A> argumentType;
    private final Type resultType;
    private final TaskQueue queue;
    private final boolean sharedState;
    private final @Nullable RetryPolicy retry;
    private final TimeLimits timeLimits;

    private TaskType(
            String name,
            Class<A> argumentType,
            Type resultType,
            TaskQueue queue,
            boolean sharedState,
            @Nullable RetryPolicy retry,
            TimeLimits timeLimits) {
        this.name = Objects.requireNonNull(name, "name");
        this.argumentType = Objects.requireNonNull(argumentType, "argumentType");
        this.resultType = Objects.requireNonNull(resultType, "resultType");
        this.queue = Objects.requireNonNull(queue, "queue");
        this.sharedState = sharedState;
        this.retry = retry;
        this.timeLimits = Objects.requireNonNull(timeLimits, "timeLimits");
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
        return new TaskType<>(name, argumentType, resultType, TaskQueue.TASKS, false, null, TimeLimits.NONE);
    }

    /** As {@link #of(String, Class, Class)}, with a parameterised type as the result. */
    public static <A, R> TaskType<A, R> of(String name, Class<A> argumentType, ResultType<R> resultType) {
        return new TaskType<>(name, argumentType, resultType.type(), TaskQueue.TASKS, false, null, TimeLimits.NONE);
    }

    /** As {@link #of(String, Class, Class)}, with a list of {@code elementType} as the result. */
    public static <A, E> TaskType<A, List<E>> ofList(String name, Class<A> argumentType, Class<E> elementType) {
        var list = new ListOf(elementType);
        return new TaskType<>(name, argumentType, list, TaskQueue.TASKS, false, null, TimeLimits.NONE);
    }

    /**
     * The result type of a task where a class alone does not say it, written as an anonymous class:
     *
     * <pre>{@code
     * TaskType.of("group", Group.class, new ResultType<Map<String, List<Point>>>() {});
     * }</pre>
     *
     * <p>Immutable.
     *
     * @param <R> the result, with no type variable in it
     */
    public abstract static class ResultType<R> {
        private final Type type;

        /** @throws IllegalArgumentException if the class does not name its result type, or the type has a variable in it */
        protected ResultType() {
            if (!(getClass().getGenericSuperclass() instanceof ParameterizedType self)
                    || self.getRawType() != ResultType.class) {
                throw new IllegalArgumentException("a result type is written as new ResultType<List<String>>() {}");
            }
            this.type = self.getActualTypeArguments()[0];
            if (hasVariable(type)) {
                throw new IllegalArgumentException(
                        type + " has a type variable in it, which nobody knows when the task is called");
            }
        }

        final Type type() {
            return type;
        }

        private static boolean hasVariable(Type type) {
            if (type instanceof ParameterizedType generic) {
                return Stream.of(generic.getActualTypeArguments()).anyMatch(ResultType::hasVariable);
            }
            if (type instanceof GenericArrayType array) {
                return hasVariable(array.getGenericComponentType());
            }
            if (type instanceof WildcardType wildcard) {
                return Stream.of(wildcard.getUpperBounds()).anyMatch(ResultType::hasVariable);
            }
            return type instanceof TypeVariable;
        }
    }

    private record ListOf(Class<?> elementType) implements ParameterizedType {
        @Override
        public Type[] getActualTypeArguments() {
            return new Type[] {elementType};
        }

        @Override
        public Type getRawType() {
            return List.class;
        }

        @Override
        public @Nullable Type getOwnerType() {
            return null;
        }

        @Override
        public String getTypeName() {
            return "java.util.List<" + elementType.getTypeName() + ">";
        }
    }

    /** A copy that is published to {@code queue}. */
    public TaskType<A, R> on(TaskQueue queue) {
        return new TaskType<>(name, argumentType, resultType, queue, sharedState, retry, timeLimits);
    }

    /** A copy whose runs may use {@link TaskContext#shared()}. */
    public TaskType<A, R> withSharedState() {
        return new TaskType<>(name, argumentType, resultType, queue, true, retry, timeLimits);
    }

    /**
     * A copy that is run again where it fails, unless a call says otherwise. A map of it travels one item a message.
     */
    public TaskType<A, R> withRetry(RetryPolicy retry) {
        return new TaskType<>(name, argumentType, resultType, queue, sharedState, retry, timeLimits);
    }

    /** A copy whose runs may take no longer. A call may say otherwise. */
    public TaskType<A, R> withTimeLimits(TimeLimits timeLimits) {
        return new TaskType<>(name, argumentType, resultType, queue, sharedState, retry, timeLimits);
    }

    public String name() {
        return name;
    }

    public TaskQueue queue() {
        return queue;
    }

    public Class<A> argumentType() {
        return argumentType;
    }

    /** What the caller gets: a class, or a parameterised type. */
    public Type resultType() {
        return resultType;
    }

    public boolean usesSharedState() {
        return sharedState;
    }

    /** When it is run again, or null: it fails with its first failure. */
    public @Nullable RetryPolicy retry() {
        return retry;
    }

    /** How long one run may take. */
    public TimeLimits timeLimits() {
        return timeLimits;
    }

    @Override
    public String toString() {
        return name;
    }
}
