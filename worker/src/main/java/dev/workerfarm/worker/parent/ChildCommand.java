package dev.workerfarm.worker.parent;

import dev.workerfarm.worker.link.Assignment;
import dev.workerfarm.worker.link.ParentLink;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The command line of a child JVM: this JVM's own Java, options, a program, and a class archive where there is one.
 *
 * <p>Archives lie in the folder that the system property {@code farm.archives} names: {@code child.aot} (JEP 514, Java
 * 25) or {@code child.jsa} (dynamic class data sharing, JEP 350). A JVM starts without an archive that does not fit its
 * version or path, size and time of each jar; its messages on that are switched off.
 *
 * @param options for the JVM, the class path among them: an archive is bound to its entries and their order
 * @param archives the folder, or null for none
 * @param program a main class, or {@code -jar} and a jar; then its arguments
 * @param withoutVariables environment variables that the child does not get
 */
public record ChildCommand(
        Path java, List<String> options, @Nullable Path archives, List<String> program, Set<String> withoutVariables) {
    static final String CLASS_PATH = "farm.class.path";

    /** The JVM adds their options to its own: those for each process are in {@link #options} already. */
    private static final Set<String> OPTION_VARIABLES = Set.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS");

    private static final String AHEAD_OF_TIME_CACHE = "child.aot";
    private static final String CLASS_DATA_ARCHIVE = "child.jsa";

    /**
     * The JDK's pipes for standard input and output become descriptors 3 and 4 ({@link ParentLink}). Standard input is
     * then empty, standard output goes to standard error; the shell becomes the JVM, so the process id stays.
     */
    private static final List<String> SHELL =
            List.of("/bin/sh", "-c", "exec 3<&0 4>&1 0</dev/null 1>&2; exec \"$0\" \"$@\"");

    public static final Path DESCRIPTORS = Path.of("/dev/fd");

    /**
     * A child with this main class and the Java of this JVM. The class path is the system property
     * {@code farm.class.path}, for a parent that was started with fewer jars than its children need, else this JVM's.
     */
    public static ChildCommand ofThisJvm(List<String> options, String mainClass, List<String> arguments) {
        var classPath = System.getProperty(CLASS_PATH, System.getProperty("java.class.path"));
        return ofThisJvm(concat(options, List.of("-cp", classPath)), List.of(mainClass), arguments);
    }

    /** A child that is the program that runs in this JVM, with the same arguments; as {@link Launch#command}. */
    public static ChildCommand ofThisProgram(@Nullable Class<?> main, List<String> arguments) {
        var command = Launch.ofThisJvm(arguments).command(main);
        return new ChildCommand(command.java, command.options, command.archives, command.program, OPTION_VARIABLES);
    }

    static ChildCommand ofThisJvm(List<String> options, List<String> program, List<String> arguments) {
        var archives = System.getProperty("farm.archives", "");
        return new ChildCommand(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                options,
                archives.isEmpty() ? null : Path.of(archives),
                concat(program, arguments),
                Set.of());
    }

    private static List<String> concat(List<String> first, List<String> rest) {
        return Stream.concat(first.stream(), rest.stream()).toList();
    }

    /** Checks that this system has what {@link #shellLine} needs: the folder {@link #DESCRIPTORS}. */
    public static void requireDescriptors(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new IllegalStateException("cannot start worker processes: this system has no folder " + folder
                    + ", over which they are linked to their parent (on Linux a link to /proc/self/fd)");
        }
    }

    /** As {@link #line}, started by a shell that makes the link. */
    List<String> shellLine(Assignment assignment, List<String> javaOptions) {
        return concat(SHELL, line(assignment, javaOptions));
    }

    /** Program and arguments; the given JVM options come after ours, so they win. */
    List<String> line(Assignment assignment, List<String> javaOptions) {
        List<String> line = new ArrayList<>(List.of(
                java.toString(),
                "-XX:+UseSerialGC",
                // Without these a long counted loop of a task keeps all other threads waiting at the next safepoint,
                // also the threads of its time limit. With other collectors they are the default.
                "-XX:+UseCountedLoopSafepoints",
                "-XX:LoopStripMiningIter=1000"));
        line.addAll(archiveOptions());
        line.addAll(options);
        line.addAll(assignment.options());
        line.addAll(javaOptions);
        line.addAll(program);
        return line;
    }

    private List<String> archiveOptions() {
        if (archives == null) {
            return List.of();
        }
        var cache = archives.resolve(AHEAD_OF_TIME_CACHE);
        if (Files.isReadable(cache)) {
            return withArchive("-XX:AOTCache=" + cache, "-Xlog:aot*=off");
        }
        var archive = archives.resolve(CLASS_DATA_ARCHIVE);
        if (Files.isReadable(archive)) {
            return withArchive("-XX:SharedArchiveFile=" + archive, "-Xlog:class+path=off");
        }
        return List.of();
    }

    /** Mapped at the address for which it was written an archive starts a fifth quicker, and all children share one copy. */
    private static List<String> withArchive(String archive, String quiet) {
        return List.of(
                archive, "-XX:+UnlockDiagnosticVMOptions", "-XX:ArchiveRelocationMode=0", quiet, "-Xlog:cds*=off");
    }
}
