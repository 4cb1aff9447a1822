package dev.workerfarm.task;

/**
 * The article's {@code update_value}: adds {@code by} to a shared value and returns the new value.
 *
 * @param name the shared value's name; made as 0, of the type of {@code by}, if it is not there
 * @param by a whole number within 64 bits for a value of type i, any number for one of type d
 */
public record UpdateValue(String name, Number by) {
    public static final TaskType<UpdateValue, Number> TYPE =
            TaskType.of("update_value", UpdateValue.class, Number.class).withSharedState();
}
