package dev.workerfarm.worker.jars;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import dev.workerfarm.wire.Failure;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/** One entry of the tasks folder, with one class loader: a jar, or a folder of jars that belong together. */
record TaskJar(Path path) {
    private static final int MAX_FAULT_CHARS = 300;
    private static final String SERVICE_PREFIX = Task.class.getName() + ": ";

    static final class BrokenJarException extends Exception {
        BrokenJarException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** A task out of a user's jar, whose libraries look for their own parts in the thread's context class loader. */
    record JarTask<A, R>(Task<A, R> task, TaskType<A, R> type, ClassLoader loader) implements Task<A, R> {
        @Override
        public R run(A args, TaskContext context) throws Exception {
            return within(loader, () -> task.run(args, context));
        }
    }

    /** Whether that is meant to be one. */
    static boolean isEntry(Path path) {
        return !path.getFileName().toString().startsWith(".") && (Files.isDirectory(path) || isJar(path));
    }

    String name() {
        return path.getFileName().toString();
    }

    /** Makes its tasks, all or none; beside themselves its classes see the window. */
    List<JarTask<?, ?>> load(ClassLoader window) throws BrokenJarException {
        var loader = new URLClassLoader(name(), urls(), window);
        try {
            var tasks = make(loader);
            if (tasks.isEmpty()) {
                throw new BrokenJarException(
                        "it names no task: list the task's class in META-INF/services/" + Task.class.getName(), null);
            }
            return tasks;
        } catch (BrokenJarException e) {
            try {
                loader.close();
            } catch (IOException another) {
                e.addSuppressed(another);
            }
            throw e;
        }
    }

    private static List<JarTask<?, ?>> make(ClassLoader loader) throws BrokenJarException {
        try {
            return within(loader, () -> {
                List<JarTask<?, ?>> tasks = new ArrayList<>();
                for (Task<?, ?> task : ServiceLoader.load(Task.class, loader)) {
                    tasks.add(typed(task, loader));
                }
                return tasks;
            });
        } catch (BrokenJarException e) {
            throw e;
        } catch (Throwable e) { // a stranger's code, its constructor, its type(): anything may come out of it
            if (innermost(e) instanceof VirtualMachineError error && !(error instanceof StackOverflowError)) {
                throw error; // no fault of the jar: the JVM itself is at its end, and so must this process be
            }
            throw new BrokenJarException(describe(e), e);
        }
    }

    private static <T extends @Nullable Object> T within(ClassLoader loader, Callable<T> call) throws Exception {
        var thread = Thread.currentThread();
        var before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            return call.call();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static <A, R> JarTask<A, R> typed(Task<A, R> task, ClassLoader loader) throws BrokenJarException {
        var type = task.type();
        if (type == null) {
            throw new BrokenJarException(
                    task.getClass().getName() + ".type() returns null: return the task's TaskType, best a constant",
                    null);
        }
        return new JarTask<>(task, type, loader);
    }

    /** The jars, in the order in which classes are looked for. */
    private URL[] urls() throws BrokenJarException {
        var jars = List.of(path);
        if (Files.isDirectory(path)) {
            try (var files = Files.list(path)) {
                jars = files.filter(TaskJar::isJar).sorted().toList();
            } catch (IOException e) {
                throw new BrokenJarException("the folder cannot be read (" + e + "): give the worker's user access", e);
            }
        }
        if (jars.isEmpty()) {
            throw new BrokenJarException("the folder holds no jar: put the task's jar there, or remove it", null);
        }
        var urls = new URL[jars.size()];
        for (int i = 0; i < urls.length; i++) {
            urls[i] = url(jars.get(i));
        }
        return urls;
    }

    /** Checks the jar: a class loader would pass over a file that it cannot read, in silence. */
    private static URL url(Path file) throws BrokenJarException {
        try {
            new ZipFile(file.toFile()).close();
            return file.toUri().toURL();
        } catch (IOException e) {
            throw new BrokenJarException(
                    file.getFileName() + " is no jar that can be read (" + e.getMessage() + "): copy it again", e);
        }
    }

    private static boolean isJar(Path file) {
        return file.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".jar");
    }

    /** What to tell of a failure in a jar's own code, or in finding it: one line that says what to do. */
    private static String describe(Throwable thrown) {
        var cause = innermost(thrown);
        if (cause instanceof UnsupportedClassVersionError) {
            return "it was compiled for a newer Java than this one, "
                    + Runtime.version().feature()
                    + ": compile it with --release 17, or run the workers on that Java";
        }
        if (cause instanceof NoClassDefFoundError && cause.getCause() instanceof ClassNotFoundException) {
            return "it needs the class " + text(cause).replace('/', '.')
                    + ", which is not in it: put what it depends on into the jar, or beside it in a folder of its own";
        }
        if (cause instanceof ServiceConfigurationError) {
            return text(cause).replace(SERVICE_PREFIX, "") + ": correct META-INF/services/" + Task.class.getName()
                    + ", or add the class";
        }
        var text = text(cause);
        var what = cause.getClass().getName() + (text.isEmpty() ? "" : ": " + text);
        return thrown instanceof ServiceConfigurationError
                ? text(thrown).replace(SERVICE_PREFIX, "") + ": " + what + ": mend its constructor"
                : what + ": mend the task's class";
    }

    /** Without what ServiceLoader and the initialising of a class put around it. */
    private static Throwable innermost(Throwable thrown) {
        var cause = thrown;
        while ((cause instanceof ServiceConfigurationError || cause instanceof ExceptionInInitializerError)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** On one line, of a bounded length, whatever the exception's own methods do. */
    private static String text(Throwable thrown) {
        var line = Failure.of(thrown).text().replaceAll("\\s+", " ");
        return line.length() <= MAX_FAULT_CHARS ? line : line.substring(0, MAX_FAULT_CHARS) + "...";
    }
}
