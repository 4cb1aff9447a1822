package dev.workerfarm.worker.run;

import dev.workerfarm.task.Task;
import dev.workerfarm.worker.jars.TaskFolder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** The tasks that a worker knows, by name. Immutable. */
public record TaskRegistry(Map<String, Task<?, ?>> tasks) {
    public TaskRegistry {
        tasks = Map.copyOf(tasks);
    }

    /** The given tasks and those that {@link ServiceLoader} finds; two of one name are an error. */
    public static TaskRegistry load(List<Task<?, ?>> builtIn) {
        Map<String, Task<?, ?>> tasks = new HashMap<>();
        builtIn.forEach(task -> register(tasks, task));
        for (Task<?, ?> task : ServiceLoader.load(Task.class)) {
            register(tasks, task);
        }
        return new TaskRegistry(tasks);
    }

    /** These tasks and those of the user's jars; a jar that is broken, or takes a name of these, is left out. */
    public TaskRegistry with(TaskFolder folder) {
        Map<String, Task<?, ?>> all = new HashMap<>(tasks);
        folder.load(tasks.keySet()).forEach(task -> register(all, task));
        return new TaskRegistry(all);
    }

    private static void register(Map<String, Task<?, ?>> tasks, Task<?, ?> task) {
        var other = tasks.put(task.type().name(), task);
        if (other != null) {
            throw new IllegalArgumentException("two tasks are named '"
                    + task.type().name() + "': " + other.getClass().getName() + " and "
                    + task.getClass().getName());
        }
    }

    @Nullable
    Task<?, ?> find(String name) {
        return tasks.get(name);
    }
}
