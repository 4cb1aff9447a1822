package dev.workerfarm.worker.run;

import dev.workerfarm.task.BuiltIn;
import dev.workerfarm.task.Task;
import dev.workerfarm.worker.jars.TaskFolder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The tasks that a worker knows, by name. Immutable. */
public record TaskRegistry(Map<String, Task<?, ?>> tasks) {
    public TaskRegistry {
        tasks = Map.copyOf(tasks);
    }

    /** The given tasks and those {@link ServiceLoader} finds; two of one name are an error, a class counts once. */
    public static TaskRegistry load(List<Task<?, ?>> builtIn) {
        Map<String, Task<?, ?>> tasks = new HashMap<>();
        builtIn.forEach(task -> register(tasks, task));
        for (Task<?, ?> task : ServiceLoader.load(Task.class)) {
            register(tasks, task);
        }
        return new TaskRegistry(tasks);
    }

    /** Adds a task to a program's own; IllegalArgumentException if there, or built in, is one of its name. */
    public static void add(Task<?, ?> task, List<Task<?, ?>> own) {
        var name = task.type().name();
        var types = Stream.concat(BuiltIn.TYPES.stream(), own.stream().map(Task::type));
        if (types.anyMatch(type -> type.name().equals(name))) {
            throw new IllegalArgumentException("there is a task '" + name + "' already: give this one another name");
        }
        own.add(task);
    }

    /** Makes the task of a class by its constructor without arguments; an IllegalArgumentException says what is wrong. */
    public static Task<?, ?> make(String className) {
        try {
            var constructor = Class.forName(className).getDeclaredConstructor();
            constructor.setAccessible(true);
            return (Task<?, ?>) constructor.newInstance();
        } catch (ReflectiveOperationException | ClassCastException e) {
            var wanted = ": it has to be a Task on the class path with a constructor without arguments (";
            throw new IllegalArgumentException("cannot make the task " + className + wanted + e + ")", e);
        }
    }

    /** These tasks and those of the user's jars; a jar that is broken, or takes a name of these, is left out. */
    public TaskRegistry with(TaskFolder folder) {
        Map<String, Task<?, ?>> all = new HashMap<>(tasks);
        folder.load(tasks.keySet()).forEach(task -> register(all, task));
        return new TaskRegistry(all);
    }

    private static void register(Map<String, Task<?, ?>> tasks, Task<?, ?> task) {
        var other = tasks.putIfAbsent(task.type().name(), task);
        var isSame = other != null
                && other.getClass() == task.getClass()
                && !task.getClass().isAnonymousClass();
        if (other != null && !isSame) {
            var classes = other.getClass().getName() + " and " + task.getClass().getName();
            throw new IllegalArgumentException(
                    "two tasks are named '" + task.type().name() + "': " + classes
                            + ": rename one of them, or take it out of META-INF/services/dev.workerfarm.task.Task");
        }
    }

    @Nullable
    Task<?, ?> find(String name) {
        return tasks.get(name);
    }
}
