package dev.workerfarm.worker.jars;

import dev.workerfarm.task.Task;
import dev.workerfarm.worker.jars.TaskJar.BrokenJarException;
import dev.workerfarm.worker.jars.TaskJar.JarTask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of the user's own tasks. Each {@code NAME.jar} in it, and each folder {@code NAME/} with jars, is an entry
 * with a class loader of its own; names that start with a dot and other files are passed over. Read once, when a worker
 * process starts.
 */
public record TaskFolder(Path path) {
    public static final String VARIABLE = "FARM_TASKS";

    private static final Logger LOG = LoggerFactory.getLogger(TaskFolder.class);

    public TaskFolder {
        path = path.toAbsolutePath().normalize();
    }

    /** Reads {@code FARM_TASKS}, a readable folder; null where it is unset or empty. */
    public static @Nullable TaskFolder from(Map<String, String> environment) {
        var text = environment.getOrDefault(VARIABLE, "");
        if (text.isBlank()) {
            return null;
        }
        TaskFolder folder;
        try {
            folder = new TaskFolder(Path.of(text));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(VARIABLE + " is not a path: " + e.getMessage(), e);
        }
        if (!Files.isDirectory(folder.path) || !Files.isReadable(folder.path)) {
            throw new IllegalArgumentException(VARIABLE + ": " + folder.path
                    + " is no folder that can be read: make it and put jars with tasks into it, or name none");
        }
        return folder;
    }

    /** The tasks of all entries, by name. An entry that is broken, or has a name that is taken, is left out and logged. */
    public List<Task<?, ?>> load(Collection<String> taken) {
        Map<String, String> owners = new HashMap<>();
        taken.forEach(name -> owners.put(name, "the worker itself"));
        var window = new FarmWindow();
        List<Task<?, ?>> tasks = new ArrayList<>();
        for (var jar : entries()) {
            try {
                var loaded = jar.load(window);
                claimNames(jar, loaded, owners);
                tasks.addAll(loaded);
                var names = loaded.stream().map(task -> task.type().name()).toList();
                LOG.info("loaded jar={} tasks={}", jar.name(), names);
            } catch (BrokenJarException e) {
                LOG.error("left out jar={}: {}", jar.name(), e.getMessage());
                LOG.debug("left out jar={}", jar.name(), e);
            }
        }
        return tasks;
    }

    private static void claimNames(TaskJar jar, List<JarTask<?, ?>> tasks, Map<String, String> owners)
            throws BrokenJarException {
        Map<String, String> claimed = new HashMap<>(owners);
        for (var task : tasks) {
            var name = task.type().name();
            var owner = claimed.put(name, jar.name());
            if (owner != null) {
                throw new BrokenJarException(
                        "there is a task '" + name + "' already, in " + owner + ": give it another name", null);
            }
        }
        owners.putAll(claimed);
    }

    private List<TaskJar> entries() {
        try (var files = Files.list(path)) {
            return files.filter(TaskJar::isEntry).sorted().map(TaskJar::new).toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + path, e);
        }
    }

    /**
     * What a user's jar sees beside itself: the JDK, the task interface and the logging interface. These come from here
     * even where the jar has copies, or the farm's Task would not be the jar's Task; no other class or resource of the
     * farm is visible, so the jar's Jackson never meets ours. Threads may share it.
     */
    private static final class FarmWindow extends ClassLoader {
        /** The annotations count: one that cannot be loaded is dropped in silence, and Nullable decides what may be left out. */
        private static final List<String> PACKAGES = List.of(
                "dev.workerfarm.task.",
                "dev.workerfarm.shared.",
                "dev.workerfarm.error.",
                "org.slf4j.",
                "org.jspecify.annotations.");

        FarmWindow() {
            super("workerfarm-window", ClassLoader.getPlatformClassLoader());
        }

        /** Asked for what the JDK does not have. */
        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (PACKAGES.stream().anyMatch(name::startsWith)) {
                return TaskFolder.class.getClassLoader().loadClass(name);
            }
            throw new ClassNotFoundException(name);
        }
    }
}
