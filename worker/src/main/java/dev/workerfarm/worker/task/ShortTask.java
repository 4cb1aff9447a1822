package dev.workerfarm.worker.task;

import dev.workerfarm.task.BuiltIn.Echo;
import dev.workerfarm.task.BuiltIn.Fail;
import dev.workerfarm.task.BuiltIn.Sleep;
import dev.workerfarm.task.RawArguments;
import dev.workerfarm.task.Task;
import dev.workerfarm.task.UpdateArray;
import dev.workerfarm.task.UpdateValue;
import java.util.List;

/** The short tasks of the farm's own. */
public final class ShortTask {
    /** Returns {@code [args, kwargs]}. */
    public static final Task<RawArguments, List<Object>> ECHO =
            Task.of(Echo.TYPE, (args, context) -> List.of(args.args(), args.kwargs()));

    /** Waits, then returns its value. */
    public static final Task<Sleep, Object> SLEEP = Task.of(Sleep.TYPE, (args, context) -> sleep(args));

    /** Fails with its message. */
    public static final Task<Fail, Object> FAIL = Task.of(Fail.TYPE, (args, context) -> {
        throw new IllegalStateException(args.message() == null ? "failed on purpose" : args.message());
    });

    /** The article's {@code update_value}. */
    public static final Task<UpdateValue, Number> UPDATE_VALUE = Task.of(
            UpdateValue.TYPE,
            (args, context) -> context.shared().value(args.name()).addAndGet(args.by()));

    /** The article's {@code update_array}. */
    public static final Task<UpdateArray, List<Number>> UPDATE_ARRAY = Task.of(
            UpdateArray.TYPE,
            (args, context) -> context.shared().array(args.name()).addToAllAndGet(args.by()));

    private ShortTask() {}

    @SuppressWarnings("NullAway") // null is a value like any other here
    private static Object sleep(Sleep args) throws InterruptedException {
        if (args.ms() < 0) {
            throw new IllegalArgumentException("sleep length must be non-negative");
        }
        Thread.sleep(args.ms());
        return args.value();
    }
}
