package dev.workerfarm.worker.task;

import dev.workerfarm.task.BuiltIn.Echo;
import dev.workerfarm.task.BuiltIn.Sleep;
import dev.workerfarm.task.RawArguments;
import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import dev.workerfarm.task.UpdateArray;
import dev.workerfarm.task.UpdateValue;
import java.util.List;

/** A short task of the farm's own: its type and what it does. May be called by many threads. */
public record ShortTask<A, R>(TaskType<A, R> type, Body<A, R> body) implements Task<A, R> {
    /** Does the task's work. */
    @FunctionalInterface
    public interface Body<A, R> {
        R run(A args, TaskContext context) throws Exception;
    }

    /** Returns {@code [args, kwargs]}. */
    public static final Task<RawArguments, List<Object>> ECHO =
            new ShortTask<>(Echo.TYPE, (args, context) -> List.of(args.args(), args.kwargs()));

    /** Waits, then returns its value. */
    public static final Task<Sleep, Object> SLEEP = new ShortTask<>(Sleep.TYPE, (args, context) -> sleep(args));

    /** The article's {@code update_value}. */
    public static final Task<UpdateValue, Number> UPDATE_VALUE = new ShortTask<>(
            UpdateValue.TYPE,
            (args, context) -> context.shared().value(args.name()).addAndGet(args.by()));

    /** The article's {@code update_array}. */
    public static final Task<UpdateArray, List<Number>> UPDATE_ARRAY = new ShortTask<>(
            UpdateArray.TYPE,
            (args, context) -> context.shared().array(args.name()).addToAllAndGet(args.by()));

    @Override
    public R run(A args, TaskContext context) throws Exception {
        return body.run(args, context);
    }

    @SuppressWarnings("NullAway") // null is a value like any other here
    private static Object sleep(Sleep args) throws InterruptedException {
        if (args.ms() < 0) {
            throw new IllegalArgumentException("sleep length must be non-negative");
        }
        Thread.sleep(args.ms());
        return args.value();
    }
}
