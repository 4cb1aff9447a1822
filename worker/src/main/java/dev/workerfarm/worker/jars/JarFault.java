package dev.workerfarm.worker.jars;

import dev.workerfarm.task.Task;
import dev.workerfarm.wire.Failure;
import java.util.ServiceConfigurationError;

/** Words for what can go wrong while a jar's tasks are made: one line that says what to do. Stateless. */
final class JarFault {
    private static final int MAX_CHARS = 300;
    private static final String SERVICE_PREFIX = Task.class.getName() + ": ";

    private JarFault() {}

    /** What to tell of a failure in a jar's own code, or in finding it. */
    static String describe(Throwable thrown) {
        var cause = innermost(thrown);
        if (cause instanceof UnsupportedClassVersionError) {
            return "it was compiled for a newer Java than this one, "
                    + Runtime.version().feature() + ": compile it with --release 17, or run the workers on that Java";
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

    /** Throws on what is no fault of the jar: the JVM itself is at its end, and so must this process be. */
    static void throwIfFatal(Throwable thrown) {
        if (innermost(thrown) instanceof VirtualMachineError error && !(error instanceof StackOverflowError)) {
            throw error;
        }
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
        return line.length() <= MAX_CHARS ? line : line.substring(0, MAX_CHARS) + "...";
    }
}
