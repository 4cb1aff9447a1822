package dev.workerfarm.task;

import java.util.List;

/**
 * The article's {@code update_array}: adds {@code by} to each element of a shared array and returns the new elements.
 *
 * @param name the shared array's name; it must exist
 * @param by a whole number within 64 bits for an array of type i, any number for one of type d
 */
public record UpdateArray(String name, Number by) {
    public static final TaskType<UpdateArray, List<Number>> TYPE =
            TaskType.ofList("update_array", UpdateArray.class, Number.class).withSharedState();
}
