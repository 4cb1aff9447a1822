package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.cli.WorkerCommand;
import dev.workerfarm.pool.AsyncResult;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.task.Square;
import dev.workerfarm.testkit.JavaProcess;
import dev.workerfarm.testkit.Printing;
import dev.workerfarm.testkit.TestFarm;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tasks' standard streams are their own: they do not disturb what a worker's processes say to each other, nor each other. */
@Timeout(120)
class LinkIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String[] ONE_PROCESS = {"--processes", "1", "--downloaders", "0"};
    private static final String LOST = " lines were lost as nobody read standard error";

    private static TestFarm farm;
    private Pool pool;

    @BeforeAll
    static void makeFarm() {
        farm = TestFarm.onSharedServices(LinkIT.class);
    }

    @AfterAll
    static void removeFarm() {
        farm.close();
    }

    @BeforeEach
    void connect() {
        pool = farm.connect();
    }

    @AfterEach
    void disconnect() {
        pool.close();
    }

    @Test
    void aTaskReadsAnEmptyStandardInputAndPrintsAnything() throws Exception {
        try (var worker = startWorker(farm.environment())) {
            var pid = run("read", "");
            for (var word : List.of(
                    "READY",
                    "NOT_READY",
                    "ENDING",
                    "ENDING 1",
                    "RECYCLED",
                    "UNREACHABLE x",
                    "RECORDED x",
                    "METRICS x",
                    "DIED")) {
                assertThat(run("out", word)).isEqualTo(pid);
                assertThat(run("err", word)).isEqualTo(pid);
            }
            run("out", "h\u00e9");
            assertThat(run("endless-out", "")).isEqualTo(pid);
            assertThat(run("endless-err", "")).isEqualTo(pid);
            run("out", "");
            run("err", "");
            await("the printed lines")
                    .atMost(SOON)
                    .untilAsserted(() -> assertThat(worker.errorLines())
                            .contains("NOT_READY", "h\u00e9")
                            .anyMatch(line -> line.startsWith("ooo"))
                            .anyMatch(line -> line.startsWith("eee")));
            assertThat(worker.errorLines())
                    .filteredOn(line -> line.startsWith("ooo") || line.startsWith("eee"))
                    .allMatch(line -> line.endsWith(" ... (cut, 29991808 bytes)"))
                    .allMatch(line -> line.length() < 9_000);
            assertThat(worker.errorLines()).noneMatch(line -> line.contains("process died"));
            terminate(worker);
        }
    }

    @Test
    void subprocessesWriteAnythingAndReachNoParent() throws Exception {
        try (var worker = startWorker(farm.environment())) {
            var pid = run("shell", "echo READY; echo NOT_READY; echo ENDING 1; echo ENDING 1 >&2; echo UNREACHABLE x");
            // It has no descriptor 4, neither inherited nor by name.
            run("shell", "echo ENDING 1 >&4");
            run("shell", "echo ENDING 1 >/dev/fd/4");
            run("shell", "cat; cat <&3; cat </dev/fd/3; echo read nothing");
            run("shell", "head -c 30000000 /dev/zero | tr '\\0' z; echo; echo after z");
            // Longer than a process would have after ENDING.
            run("shell", "sleep 2");

            assertThat(run("read", "")).isEqualTo(pid);
            await("the printed lines")
                    .atMost(SOON)
                    .untilAsserted(() -> assertThat(worker.errorLines())
                            .contains("ENDING 1", "READY", "read nothing", "after z")
                            .anyMatch(line -> line.startsWith("zzz") && line.length() < 70_000));
            assertThat(worker.errorLines()).noneMatch(line -> line.contains("process died"));
            terminate(worker);
        }
    }

    @Test
    void aSubprocessThatIsLeftDoesNotDelayTheReplacementOfItsProcess() throws Exception {
        try (var worker = startWorker(farm.environment())) {
            var pid = run("leave", "exec sleep 60");
            var dead = ProcessHandle.of(pid).orElseThrow();
            var leftover = dead.children().toList();
            assertThat(leftover).hasSize(1);
            try {
                var since = System.nanoTime();
                dead.destroyForcibly();
                await("a replacement")
                        .pollInterval(Duration.ofMillis(10))
                        .atMost(SOON)
                        .until(() -> worker.handle().children().anyMatch(child -> child.pid() != pid));
                assertThat(Duration.ofNanos(System.nanoTime() - since)).isLessThan(Duration.ofSeconds(2));
                assertThat(run("read", "")).isNotEqualTo(pid);
                assertThat(leftover).allMatch(ProcessHandle::isAlive);
                terminate(worker);
            } finally {
                leftover.forEach(ProcessHandle::destroyForcibly);
            }
        }
    }

    @Test
    void whereNobodyReadsStandardErrorAllTasksEndAndSigtermEndsAll() throws Exception {
        var worker = startUnread();
        var children = new ArrayList<ProcessHandle>();
        try {
            runThousands();
            children.addAll(worker.descendants().toList());
            assertThat(children).hasSize(1);

            worker.toHandle().destroy();

            assertThat(worker.waitFor(25, TimeUnit.SECONDS)).isTrue();
            assertThat(worker.exitValue()).isZero();
            assertThat(children).noneMatch(ProcessHandle::isAlive);
        } finally {
            worker.destroyForcibly();
            children.forEach(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    void whoReadsStandardErrorLateLearnsHowManyLinesWereLost() throws Exception {
        var worker = startUnread();
        try (var reader = worker.errorReader()) {
            runThousands();

            assertThat(readUntilLost(reader, 100)).isGreaterThan(100);
        } finally {
            var children = worker.descendants().toList();
            worker.destroyForcibly();
            children.forEach(ProcessHandle::destroyForcibly);
        }
    }

    /** The sum of what is reported as lost, once it is more than that; less at the end of the stream. */
    private static long readUntilLost(BufferedReader reader, long wanted) throws Exception {
        long lost = 0;
        while (lost <= wanted) { // and not one line more: none may come
            var line = reader.readLine();
            if (line == null) {
                break;
            }
            if (line.endsWith(LOST)) {
                lost += Long.parseLong(line.replaceAll("\\D+", ""));
            }
        }
        return lost;
    }

    /** With a log line of 200 characters and more each, and tasks that print. */
    private void runThousands() {
        List<AsyncResult<?>> results = new ArrayList<>();
        LongStream.range(0, 3_000).forEach(n -> {
            results.add(pool.applyAsync(Square.TYPE, n));
            results.add(pool.applyAsync(Printing.TYPE, "out", "x".repeat(500)));
        });
        results.forEach(result -> assertThat(result.get(Duration.ofSeconds(60))).isNotNull());
    }

    private long run(String kind, String value) {
        return pool.applyAsync(Printing.TYPE, kind, value).get(SOON);
    }

    private JavaProcess startWorker(Map<String, String> environment) {
        var worker = JavaProcess.start(environment, WorkerCommand.class, ONE_PROCESS);
        awaitConsumer();
        return worker;
    }

    private void awaitConsumer() {
        await("a worker that consumes")
                .atMost(SOON)
                .until(() -> pool.task("any").queue(farm.tasks()).workers() == 1);
    }

    private static void terminate(JavaProcess worker) throws InterruptedException {
        worker.terminate();
        assertThat(worker.awaitExit(SOON)).isZero();
    }

    /** A worker whose standard error is a pipe that is not read, at level DEBUG. */
    private Process startUnread() throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                WorkerCommand.class.getName()));
        command.addAll(List.of(ONE_PROCESS));
        var builder = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().putAll(farm.environment("FARM_LOG_LEVEL", "DEBUG"));
        var worker = builder.start();
        awaitConsumer();
        return worker;
    }
}
