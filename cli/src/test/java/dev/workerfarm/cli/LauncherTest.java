package dev.workerfarm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher {@code ./farm}, with a Java and a Maven that only say what they were asked. */
class LauncherTest {
    @TempDir
    private Path folder;

    private Path home;

    private record Run(int code, String out, String err) {}

    @BeforeEach
    void copyTheLauncher() throws IOException {
        home = Files.createDirectories(folder.resolve("a home").resolve("farm")).toRealPath();
        Files.copy(Path.of("..", "farm"), home.resolve("farm"));
        program("java", "printf '%s\n' \"$@\"; echo tty $FARM_STDOUT_TTY $FARM_STDERR_TTY");
    }

    @Test
    void startsThroughAChainOfSymbolicLinksWhereverItIsCalled() throws Exception {
        var bin = Files.createDirectories(folder.resolve("bin"));
        Files.createSymbolicLink(folder.resolve("absolute"), home.resolve("farm"));
        Files.createSymbolicLink(bin.resolve("farm"), Path.of("../absolute"));

        var run = run(bin, Map.of("CDPATH", folder.toString()), "./farm", "producer", "square", "1");

        assertThat(run.out()).contains("-Dfarm.home=" + home + "\n").endsWith("square\n1\ntty 0 0\n");
        assertThat(run.code()).as(run.err()).isZero();
    }

    @Test
    void aBuildThatIsRedirectedLeavesNoEscapeCodesAndTellsWhatFailed() throws Exception {
        Files.createDirectories(home.resolve("common/src"));
        program(
                "mvn",
                "mkdir -p cli/target/lib; printf '\\033[0m\\033[1;31mbroken\\033[m\\033[0m\n'; exit $FARM_TEST_CODE");

        var failed = run(home, Map.of("FARM_TEST_CODE", "1"), "./farm", "help");
        var built = run(home, Map.of("FARM_TEST_CODE", "0"), "./farm", "help");

        assertThat(failed.err()).contains("broken\nfarm: the build failed\n").doesNotContain("\033");
        assertThat(failed.code()).isEqualTo(2);
        assertThat(built.err()).isEqualTo("farm: building (a minute the first time) ...\n");
        assertThat(built.code()).isZero();
    }

    @Test
    void looksItselfWhetherItsOutputIsATerminal() throws Exception {
        var run = run(home, Map.of("FARM_STDERR_TTY", "1", "FARM_STDOUT_TTY", "1", "TERM", "xterm"), "./farm", "help");

        assertThat(run.out()).endsWith("tty 0 0\n");
    }

    @Test
    void aStandardInputThatIsClosedIsAnEmptyOne() throws Exception {
        program("java", "cat; echo read");

        var run = run(home, Map.of(), "/bin/sh", "-c", "./farm producer square - <&-");

        assertThat(run.out()).isEqualTo("read\n");
        assertThat(run.err()).isEmpty();
    }

    private void program(String name, String script) throws IOException {
        var file = Files.createDirectories(folder.resolve("jdk/bin")).resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    private Run run(Path where, Map<String, String> variables, String... command)
            throws IOException, InterruptedException {
        var out = folder.resolve("out");
        var err = folder.resolve("err");
        var builder = new ProcessBuilder(List.of(command))
                .directory(where.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        var jdk = folder.resolve("jdk");
        builder.environment().put("JAVA_HOME", jdk.toString());
        builder.environment().put("PATH", jdk.resolve("bin") + ":" + System.getenv("PATH"));
        builder.environment().putAll(variables);
        var code = builder.start().waitFor();
        return new Run(code, text(out), text(err));
    }

    private static String text(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }
}
