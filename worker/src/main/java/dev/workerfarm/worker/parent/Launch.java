package dev.workerfarm.worker.parent;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a JVM was started, so that its worker processes can be started as the same program.
 *
 * @param command the system property {@code sun.java.command}: a main class or a jar, then the arguments
 * @param classPath the system property {@code java.class.path}; the jar alone where it was started by {@code -jar}
 * @param entryClass the class whose method is the bottom frame of the calling thread
 * @param words the arguments, or the whole command line of the process, which tell where an argument ends; empty if unknown
 * @param jvmOptions from the command line, files and variables
 */
record Launch(String command, String classPath, String entryClass, List<String> words, List<String> jvmOptions) {
    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

    /** Options that a program may need in each process. Heap, collector, agents and debuggers belong to one process. */
    private static final Pattern FOR_CHILDREN = Pattern.compile("(?s)-D(?!com\\.sun\\.management).*|--(add|enable)-.*"
            + "|-(ea|da|esa|dsa|(en|dis)able(system)?assertions)(:.*)?");

    /** This JVM, and the calling thread. {@code arguments} are those of its main method, as far as the caller knows. */
    static Launch ofThisJvm(List<String> arguments) {
        var command = System.getProperty("sun.java.command", "");
        var line = commandLine();
        return new Launch(
                command,
                System.getProperty("java.class.path", ""),
                StackWalker.getInstance()
                        .walk(frames -> frames.reduce((above, below) -> below))
                        .map(StackWalker.StackFrame::getClassName)
                        .orElse(""),
                // Those of an @argfile are not in the command line.
                !line.isEmpty() && command.endsWith(line.get(line.size() - 1)) ? line : arguments,
                ManagementFactory.getRuntimeMXBean().getInputArguments());
    }

    private static List<String> commandLine() {
        try {
            var words = Files.readString(COMMAND_LINE).split("\0", -1);
            return List.of(words).subList(0, words.length - 1); // each word ends with a zero
        } catch (IOException e) { // not on Linux
            return ProcessHandle.current().info().arguments().map(List::of).orElse(List.of());
        }
    }

    /** The command of the same program; a null main class is found out, or an IllegalArgumentException says why not. */
    ChildCommand command(@Nullable Class<?> main) {
        var isJar = Files.isRegularFile(Path.of(classPath)) && (command + " ").startsWith(classPath + " ");
        var program = isJar ? classPath : command.split(" ", 2)[0];
        var options =
                jvmOptions.stream().filter(FOR_CHILDREN.asMatchPredicate()).toList();
        if (main != null) {
            return ChildCommand.ofThisJvm(options, onClassPath(main), arguments(program));
        }
        if (!entryClass.equals(isJar ? mainClass(program) : program)) {
            throw new IllegalArgumentException(
                    "cannot find out how to start worker processes: this JVM was started as '"
                            + program + "', but the thread that called run began in " + entryClass
                            + "; start it by java -cp or java -jar and call run on the main thread,"
                            + " or name the class whose main method calls run: main(X.class)");
        }
        return isJar
                ? ChildCommand.ofThisJvm(options, List.of("-jar", program), arguments(program))
                : ChildCommand.ofThisJvm(options, program, arguments(program));
    }

    private static String onClassPath(Class<?> main) {
        if (main.getClassLoader() != ClassLoader.getSystemClassLoader()
                || main.getModule().isNamed()) {
            throw new IllegalArgumentException(main.getName() + " is not on the class path of this JVM,"
                    + " so no worker process would find it: start it by java -cp or java -jar");
        }
        return main.getName();
    }

    /** What the manifest says; empty if it says nothing. */
    private static String mainClass(String jar) {
        try (var file = new JarFile(jar)) {
            var manifest = file.getManifest();
            var name = manifest == null ? null : manifest.getMainAttributes().getValue(Attributes.Name.MAIN_CLASS);
            return name == null ? "" : name.strip();
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read " + jar + " (" + e + ")", e);
        }
    }

    /** What follows the program: in {@link #command} it is joined by blanks, so the last words that are the same so. */
    private List<String> arguments(String program) {
        if (command.length() <= program.length()) {
            return List.of();
        }
        var joined = command.substring(program.length() + 1);
        for (int from = words.size() - 1; from >= 0; from--) {
            var last = words.subList(from, words.size());
            if (String.join(" ", last).equals(joined)) {
                return last;
            }
        }
        return List.of(joined.split(" "));
    }
}
