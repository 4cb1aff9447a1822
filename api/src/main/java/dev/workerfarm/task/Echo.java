package dev.workerfarm.task;

import java.util.List;

/** Returns {@code [args, kwargs]} as they came: for trying things out and for checking the wire. */
public final class Echo {
    public static final TaskType<RawArguments, List<Object>> TYPE =
            TaskType.ofList("echo", RawArguments.class, Object.class);

    private Echo() {}
}
