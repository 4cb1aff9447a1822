package dev.workerfarm.pool;

import java.util.List;
import java.util.Objects;

/**
 * A task by its type. {@link #call}, {@link #callAsync} and {@link #callAll} take argument records, which the compiler
 * checks; the other calls take arguments by position, each item of a map being the record or its sole component.
 *
 * @param <A> the argument record
 * @param <R> the result
 */
public final class TaskCall<A, R> extends Call<R, TaskCall<A, R>> {
    TaskCall(Calls calls, Callee<R> callee, CallSettings settings) {
        super(calls, callee, settings);
    }

    @Override
    TaskCall<A, R> copy(CallSettings settings) {
        return new TaskCall<>(calls, callee, settings);
    }

    /** Runs the task and waits for its result. Throws as {@link AsyncResult#get()}. */
    public R call(A args) {
        requireWait();
        return result(callAsync(args));
    }

    /** Runs the task and does not wait. */
    public AsyncResult<R> callAsync(A args) {
        return applyAsync(Objects.requireNonNull(args, "args"));
    }

    /** Runs the task for each record and waits for all, as {@link #map}. */
    public List<R> callAll(Iterable<? extends A> items) {
        return map(items);
    }
}
