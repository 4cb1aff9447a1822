package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.error.CallInterruptedException;
import dev.workerfarm.local.LocalFarm;
import dev.workerfarm.task.BuiltIn.Sleep;
import dev.workerfarm.task.Square;
import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import dev.workerfarm.task.UpdateValue;
import dev.workerfarm.testkit.JavaProcess;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A whole farm on this machine, on its embedded services, and that nothing of it stays behind. */
@Timeout(120)
class LocalFarmIT {
    @Test
    void mapsAndSharesAndLeavesNoProcess() {
        List<ProcessHandle> before = ProcessHandle.current().descendants().toList();
        List<ProcessHandle> processes;
        try (var farm = LocalFarm.start(2)) {
            processes = ProcessHandle.current()
                    .descendants()
                    .filter(process -> !before.contains(process))
                    .toList();
            assertThat(processes).extracting(ProcessHandle::pid).containsAll(farm.workerPids());
            assertThat(farm.workerPids()).hasSize(3);

            assertThat(farm.pool()
                            .map(Square.TYPE, IntStream.range(0, 1_000).boxed().toList()))
                    .isEqualTo(
                            LongStream.range(0, 1_000).map(n -> n * n).boxed().toList());

            farm.shared().value("counter").set(40L);
            assertThat(farm.pool().apply(UpdateValue.TYPE, "counter", 2)).isEqualTo(42L);
            assertThat(farm.shared().value("counter").get()).isEqualTo(42L);
        }
        // Redis and its keeper may take a moment longer than close().
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() ->
                        assertThat(processes).filteredOn(ProcessHandle::isAlive).isEmpty());
    }

    /** While Redis starts, the broker, the workers, or a task runs. */
    @ParameterizedTest
    @ValueSource(longs = {0, 100, 300, 600, 1_000, 2_500})
    void anInterruptIsTheCallersAndLeavesNoProcess(long millis) {
        var before = ProcessHandle.current().descendants().toList();
        var starter = Thread.currentThread();
        CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS).execute(starter::interrupt);

        assertThatThrownBy(() -> {
                    try (var farm = LocalFarm.start(2)) {
                        farm.pool().apply(Sleep.TYPE, 60_000);
                    }
                })
                .isInstanceOf(CallInterruptedException.class);

        assertThat(Thread.interrupted()).isTrue();
        awaitNoneBut(before);
    }

    private static void awaitNoneBut(List<ProcessHandle> before) {
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(
                        () -> assertThat(ProcessHandle.current().descendants()).isSubsetOf(before));
    }

    @Test
    void closesWhollyAlsoOnAThreadThatIsInterruptedAndKeepsTheFlag() {
        var before = ProcessHandle.current().descendants().toList();
        var farm = LocalFarm.builder().workers(1).start();

        Thread.currentThread().interrupt();
        farm.close();

        assertThat(Thread.interrupted()).isTrue();
        awaitNoneBut(before);
    }

    @Test
    void runsTasksOfTheClassPath() {
        try (var farm = LocalFarm.builder()
                .workers(1)
                .variables(Map.of("FARM_DOWNLOADERS", "0"))
                .tasks(HalveTask.class)
                .start()) {
            assertThat(farm.workerPids()).hasSize(1);
            assertThat(farm.pool().apply(HalveTask.TYPE, 42)).isEqualTo(21L);
        }
    }

    /** A task that no services file names. */
    static final class HalveTask implements Task<HalveTask.Halve, Long> {
        static final TaskType<Halve, Long> TYPE = TaskType.of("test.halve", Halve.class, Long.class);

        /** The arguments of the task. */
        public record Halve(long number) {}

        @Override
        public TaskType<Halve, Long> type() {
            return TYPE;
        }

        @Override
        public Long run(Halve args, TaskContext context) {
            return args.number() / 2;
        }
    }

    @Test
    void aKilledJvmLeavesNeitherRedisNorWorkers() throws Exception {
        try (var jvm = JavaProcess.start(Map.of(), Main.class)) {
            await("the farm is up")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> jvm.outputLines().stream().anyMatch(line -> line.startsWith("UP ")));
            var all = jvm.descendants();
            assertThat(all)
                    .anyMatch(process -> process.info().command().orElse("").contains("redis"))
                    .hasSizeGreaterThanOrEqualTo(4);

            jvm.kill();

            await("all its processes are gone")
                    .atMost(Duration.ofSeconds(20))
                    .untilAsserted(() ->
                            assertThat(all).filteredOn(ProcessHandle::isAlive).isEmpty());
        }
    }

    /** Runs a farm until it is killed. */
    static final class Main {
        private Main() {}

        public static void main(String[] args) throws InterruptedException {
            try (var farm = LocalFarm.start(2)) {
                System.out.println("UP " + farm.workerPids());
                System.out.flush();
                Thread.currentThread().join();
            }
        }
    }
}
