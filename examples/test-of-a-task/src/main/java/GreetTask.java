import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;

/** The task of a jar for {@code farm worker --tasks}: META-INF/services/dev.workerfarm.task.Task names it. */
public final class GreetTask implements Task<Greet, String> {
    @Override
    public TaskType<Greet, String> type() {
        return Greet.TYPE;
    }

    @Override
    public String run(Greet greet, TaskContext context) {
        if (greet.name().isBlank()) {
            throw new IllegalArgumentException("nobody to greet");
        }
        return "Hello " + greet.name(); // a breakpoint here stops the test
    }
}
