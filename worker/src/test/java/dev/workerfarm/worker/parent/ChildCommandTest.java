package dev.workerfarm.worker.parent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.worker.link.Assignment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

@ResourceLock(Resources.SYSTEM_PROPERTIES)
class ChildCommandTest {
    private static final String MAIN = "some.Main";
    private static final Assignment CPU_1 = new Assignment("cpu", "cpu-1", null);

    @TempDir
    private Path archives;

    @Test
    void startsThisJavaOnThisClassPath() {
        var command = ChildCommand.ofThisJvm(List.of(), MAIN, List.of());
        assertThat(command.java()).isExecutable();
        assertThat(command.line(new Assignment("io", "io-2", Path.of("running")), List.of()))
                .isEqualTo(List.of(
                        command.java().toString(),
                        "-XX:+UseSerialGC",
                        "-XX:+UseCountedLoopSafepoints",
                        "-XX:LoopStripMiningIter=1000",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-Dfarm.lane=io",
                        "-Dfarm.process=io-2",
                        "-Dfarm.running=running",
                        MAIN));
    }

    @Test
    void takesAnotherClassPathWhereTheParentHasASmallerOne() {
        System.setProperty(ChildCommand.CLASS_PATH, "all.jar:of.jar:them.jar");
        try {
            assertThat(ChildCommand.ofThisJvm(List.of(), MAIN, List.of()).options())
                    .containsExactly("-cp", "all.jar:of.jar:them.jar");
        } finally {
            System.clearProperty(ChildCommand.CLASS_PATH);
        }
    }

    @Test
    void aFolderWithoutArchivesChangesNothing() {
        assertThat(line(archives)).isEqualTo(line(null));
        assertThat(line(archives.resolve("not-there"))).isEqualTo(line(null));
    }

    @Test
    void usesAClassDataArchive() throws IOException {
        var archive = Files.createFile(archives.resolve("child.jsa"));
        assertThat(line(archives)).contains("-XX:SharedArchiveFile=" + archive, "-Xlog:cds*=off");
    }

    @Test
    void prefersAnAheadOfTimeCache() throws IOException {
        Files.createFile(archives.resolve("child.jsa"));
        var cache = Files.createFile(archives.resolve("child.aot"));
        assertThat(line(archives))
                .contains("-XX:AOTCache=" + cache, "-Xlog:aot*=off")
                .noneMatch(option -> option.startsWith("-XX:SharedArchiveFile"));
    }

    @Test
    void theUsersOptionsComeLastAndSoWin() throws IOException {
        Files.createFile(archives.resolve("child.jsa"));
        assertThat(line(archives, "-Xmx64m", "-XX:SharedArchiveFile=mine"))
                .endsWith("-Xmx64m", "-XX:SharedArchiveFile=mine", MAIN);
    }

    @Test
    void aShellMakesTheLinkAndBecomesTheJvm() {
        var command = new ChildCommand(Path.of("java"), List.of(), null, List.of(MAIN, "an argument"), Set.of());
        assertThat(command.shellLine(CPU_1, List.of()))
                .startsWith("/bin/sh", "-c", "exec 3<&0 4>&1 0</dev/null 1>&2; exec \"$0\" \"$@\"", "java")
                .endsWith(command.line(CPU_1, List.of()).toArray(String[]::new));
    }

    @Test
    void aSystemWithoutTheFolderOfDescriptorsIsNamed() {
        ChildCommand.requireDescriptors(ChildCommand.DESCRIPTORS);
        assertThatThrownBy(() -> ChildCommand.requireDescriptors(archives.resolve("fd")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("cannot start worker processes")
                .hasMessageContaining(archives.resolve("fd").toString());
    }

    private static List<String> line(@Nullable Path archives, String... options) {
        return new ChildCommand(Path.of("java"), List.of("-cp", "a.jar:b.jar"), archives, List.of(MAIN), Set.of())
                .line(CPU_1, List.of(options));
    }
}
