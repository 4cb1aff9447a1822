package dev.workerfarm.task;

import org.jspecify.annotations.Nullable;

/**
 * Waits, then returns a value: for trying things out.
 *
 * @param ms how long, in milliseconds; 0 or more
 * @param value what to return; null if left out
 */
public record Sleep(long ms, @Nullable Object value) {
    public static final TaskType<Sleep, Object> TYPE = TaskType.of("sleep", Sleep.class, Object.class);
}
