package dev.workerfarm.worker;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The command line of a child JVM: this JVM's own Java, a class path, and a class archive where one was made for them.
 *
 * <p>The class path is the one that the system property {@code farm.class.path} names, for a parent that was started with
 * fewer jars than its children need, else this JVM's own.
 *
 * <p>Archives lie in the folder that the system property {@code farm.archives} names: {@code child.aot} (JEP 514, Java 25)
 * or {@code child.jsa} (dynamic class data sharing, JEP 350). A JVM checks its archive against its own version and against
 * path, size and time of each jar, and starts without one that does not fit; its words on that are switched off.
 *
 * @param java the program
 * @param classPath as the JVM wants it: an archive is bound to its entries and their order
 * @param archives the folder, or null for none
 */
record ChildCommand(Path java, String classPath, @Nullable Path archives) {
    static final String CLASS_PATH = "farm.class.path";

    private static final String AHEAD_OF_TIME_CACHE = "child.aot";
    private static final String CLASS_DATA_ARCHIVE = "child.jsa";

    /** As this JVM was started. */
    static ChildCommand ofThisJvm() {
        var archives = System.getProperty("farm.archives", "");
        return new ChildCommand(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                System.getProperty(CLASS_PATH, System.getProperty("java.class.path")),
                archives.isEmpty() ? null : Path.of(archives));
    }

    /**
     * Program and arguments.
     *
     * @param javaOptions for the child's JVM; they come after ours, so they win
     */
    List<String> line(Lane lane, String name, List<String> javaOptions) {
        List<String> line = new ArrayList<>(List.of(
                java.toString(),
                "-XX:+UseSerialGC",
                // Without these a long counted loop of a task keeps all other threads waiting at the next safepoint:
                // also
                // those that see to its time limit. With other collectors they are the default.
                "-XX:+UseCountedLoopSafepoints",
                "-XX:LoopStripMiningIter=1000"));
        line.addAll(archiveOptions());
        line.addAll(List.of("-Dfarm.process=" + name, "-cp", classPath)); // the name is in the log's JSON
        line.addAll(javaOptions);
        line.addAll(List.of(WorkerProcess.class.getName(), lane.word(), name));
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

    /** At the address that it was written for an archive starts a fifth quicker, and stays one copy for all children. */
    private static List<String> withArchive(String archive, String quiet) {
        return List.of(
                archive, "-XX:+UnlockDiagnosticVMOptions", "-XX:ArchiveRelocationMode=0", quiet, "-Xlog:cds*=off");
    }
}
