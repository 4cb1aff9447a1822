package dev.workerfarm.task;

import org.jspecify.annotations.Nullable;

/**
 * Fails with a message: for trying things out.
 *
 * @param message the failure's text; a standard one if null
 */
public record Fail(@Nullable String message) {
    public static final TaskType<Fail, Object> TYPE = TaskType.of("fail", Fail.class, Object.class);
}
