package dev.workerfarm.task;

import java.util.Objects;

/**
 * The code that a worker runs for one task type.
 *
 * <p>Found through {@link java.util.ServiceLoader}: name the class in {@code META-INF/services/dev.workerfarm.task.Task}.
 * One instance serves a worker process; on a queue of several at a time its {@link #run} is called by many threads at once.
 *
 * @param <A> the argument record
 * @param <R> the result: null, a Boolean, a Number, a String, a List, a Map with String keys, or a record of these
 */
public interface Task<A, R> {
    TaskType<A, R> type();

    /**
     * Does the work. May run more than once for one call where a worker dies; what it does to shared state counts once.
     *
     * @throws RetryLater to run again later
     * @throws Exception any failure; it reaches the caller as data: type, message and stack text, once the type's
     *     {@link RetryPolicy}, if it has one, leaves no attempt
     */
    R run(A args, TaskContext context) throws Exception;

    /** The code of a task, as a lambda. On a queue of several at a time many threads call it at once. */
    @FunctionalInterface
    interface Body<A, R> {
        /** Does the work; the rules and the exceptions are those of {@link Task#run}. */
        R run(A args, TaskContext context) throws Exception;
    }

    /** A task of this type that does this. */
    static <A, R> Task<A, R> of(TaskType<A, R> type, Body<A, R> body) {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(body, "body");
        return new Task<>() {
            @Override
            public TaskType<A, R> type() {
                return type;
            }

            @Override
            public R run(A args, TaskContext context) throws Exception {
                return body.run(args, context);
            }
        };
    }
}
