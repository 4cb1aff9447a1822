package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.testkit.HangingHook;
import dev.workerfarm.testkit.Leaking;
import dev.workerfarm.testkit.Proof;
import dev.workerfarm.testkit.TestFarm;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Processes that end by themselves, under load. */
@Timeout(120)
class RecyclingIT {
    private final TestFarm farm = TestFarm.onSharedServices(RecyclingIT.class);

    @AfterEach
    void close() {
        farm.close();
    }

    @Test
    void aProcessRunsAsManyTasksAsItMayAndTheNextGoesOn() {
        try (var workers = farm.startWorkers(1, 0, Map.of("FARM_MAX_TASKS", "25"));
                var pool = farm.connect()) {
            var pids = pool.task(Leaking.TYPE).chunkSize(1).map(Collections.nCopies(110, new Leaking.Arguments(0)));

            assertThat(pids).hasSize(110);
            assertThat(pids.stream()
                            .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()))
                            .values())
                    .hasSizeGreaterThanOrEqualTo(5)
                    .allMatch(runs -> runs <= 25);
            assertThat(workers.pids()).hasSize(1);
        }
    }

    @Test
    void aProcessThatHasGrownTooLargeIsReplaced() {
        try (var workers = farm.startWorkers(1, 0, Map.of("FARM_MAX_MEMORY", "250m"));
                var pool = farm.connect()) {
            var first = pool.apply(Leaking.TYPE, new Leaking.Arguments(250));

            await("another process")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> !new HashSet<>(workers.pids()).contains(first));
            assertThat(pool.apply(Leaking.TYPE, new Leaking.Arguments(0))).isNotEqualTo(first);
        }
    }

    @Test
    void aProcessWhoseShutdownHookHangsIsKilledAndReplaced() throws Exception {
        try (var workers = farm.startWorkers(1, 0, Map.of("FARM_MAX_TASKS", "5", "FARM_DRAIN", "60s"));
                var pool = farm.connect()) {
            var pids = pool.task(HangingHook.TYPE)
                    .chunkSize(1)
                    .timeout(Duration.ofSeconds(60))
                    .map(Collections.nCopies(6, new HangingHook.Arguments(false)));

            assertThat(pids.stream().distinct()).hasSize(2);
            assertThat(workers.awaitReady(Duration.ofSeconds(30))).isTrue();
            var since = System.nanoTime();
            workers.stop();
            workers.awaitStopped();
            assertThat(Duration.ofNanos(System.nanoTime() - since)).isLessThan(Duration.ofSeconds(30));
        }
    }

    @Test
    @Proof // three times five seconds
    void aTaskThatEndsItsProcessBehindAHookThatHangsIsGivenUpAfterThreeTries() {
        try (var workers = farm.startWorkers(1, 0, Map.of());
                var pool = farm.connect()) {
            var lost = pool.applyAsync(HangingHook.TYPE, true);

            assertThatThrownBy(() -> lost.get(Duration.ofSeconds(60))).hasMessageContaining("signal=9");
            assertThat(pool.apply(Leaking.TYPE, new Leaking.Arguments(0))).isIn(workers.pids());
        }
    }
}
