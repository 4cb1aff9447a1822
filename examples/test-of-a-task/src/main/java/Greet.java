import dev.workerfarm.task.TaskType;

/** The arguments and the name of the task, for the worker and for callers. */
public record Greet(String name) {
    public static final TaskType<Greet, String> TYPE = TaskType.of("greet", Greet.class, String.class);
}
