package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.cli.WorkerCommand;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.task.Square;
import dev.workerfarm.testkit.JavaProcess;
import dev.workerfarm.testkit.TestFarm;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A worker whose machine is in disorder: folders that it is in, or writes to, are gone. */
@Timeout(120)
class WorkerHostIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    private final TestFarm farm = TestFarm.onSharedServices(WorkerHostIT.class);

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        farm.close();
    }

    @Test
    void inADeletedWorkingDirectoryADeadChildIsReplaced() throws Exception {
        var here = Files.createDirectory(folder.resolve("here"));
        var error = folder.resolve("error").toFile();
        var builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        absoluteClassPath(),
                        WorkerCommand.class.getName(),
                        "--processes",
                        "1",
                        "--downloaders",
                        "0")
                .directory(here.toFile())
                .redirectError(error)
                .redirectOutput(error);
        builder.environment().putAll(farm.environment());
        var worker = builder.start();
        List<ProcessHandle> all = new ArrayList<>();
        try (var pool = farm.connect()) {
            assertAnswer(pool);
            Files.delete(here);
            var dead = worker.children().toList();
            assertThat(dead).hasSize(1);
            all.addAll(dead);
            dead.get(0).destroyForcibly();

            await("the end of the child").atMost(SOON).until(() -> !dead.get(0).isAlive());
            assertAnswer(pool);
            all.addAll(worker.children().toList());
            worker.toHandle().destroy();
            assertThat(worker.waitFor()).as(Files.readString(error.toPath())).isZero();
        } finally {
            all.addAll(worker.descendants().toList());
            worker.destroyForcibly();
            all.forEach(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    void withoutAFolderForTemporaryFilesTasksRun() throws Exception {
        var java = List.of("-Xmx64m", "-Djava.io.tmpdir=" + folder.resolve("none"));
        String[] oneProcess = {"--processes", "1", "--downloaders", "0"};
        try (var worker = JavaProcess.start(farm.environment(), java, WorkerCommand.class, oneProcess);
                var pool = farm.connect()) {
            assertAnswer(pool);
            assertThat(worker.errorLines())
                    .anyMatch(line -> line.contains("no file for the running tasks of a process"))
                    .noneMatch(line -> line.contains("process died"));
        }
    }

    private static void assertAnswer(Pool pool) {
        assertThat(pool.applyAsync(Square.TYPE, 3).get(SOON)).isEqualTo(9L);
    }

    private static String absoluteClassPath() {
        List<String> entries = new ArrayList<>();
        for (var entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            entries.add(Path.of(entry).toAbsolutePath().toString());
        }
        return String.join(File.pathSeparator, entries);
    }
}
