package dev.workerfarm.worker.run;

import dev.workerfarm.task.BuiltIn;
import dev.workerfarm.task.Task;
import dev.workerfarm.worker.jars.TaskFolder;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.IntStream;
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

    /** The name that is most like one that is not there, or null: none is like it. */
    @Nullable
    String nearest(String name) {
        var like = Math.max(1, name.length() / 3);
        return tasks.keySet().stream()
                .filter(each -> Math.abs(each.length() - name.length()) <= like)
                .filter(each -> distance(each, name) <= like)
                .min(Comparator.comparingInt((String each) -> distance(each, name))
                        .thenComparing(each -> each))
                .orElse(null);
    }

    /** How many characters are to be added, taken away or changed to make one name of the other (Levenshtein). */
    private static int distance(String from, String to) {
        var row = IntStream.rangeClosed(0, to.length()).toArray();
        for (int i = 1; i <= from.length(); i++) {
            var diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                var changed = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }

    @Nullable
    Task<?, ?> find(String name) {
        return tasks.get(name);
    }
}
