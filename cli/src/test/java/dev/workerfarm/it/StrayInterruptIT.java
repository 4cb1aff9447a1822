package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.pool.Pool;
import dev.workerfarm.task.Square;
import dev.workerfarm.testkit.LateInterrupt;
import dev.workerfarm.testkit.LateInterruptAdd;
import dev.workerfarm.testkit.TestFarm;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tasks that leave helper threads behind, which interrupt the lane's only thread when the task has long returned. */
@Timeout(120)
class StrayInterruptIT {
    private static final int AFTER_MILLIS = 500;

    private final TestFarm farm = TestFarm.onSharedServices(StrayInterruptIT.class);

    @AfterEach
    void close() {
        farm.close();
    }

    @Test
    void anInterruptOfAnIdleLaneEndsNothing() throws Exception {
        try (var workers = farm.startWorkers(1, 0, Map.of());
                var pool = farm.connect()) {
            var pid = pool.apply(LateInterrupt.TYPE, new LateInterrupt.Arguments(AFTER_MILLIS, 1, false));
            // The lane is idle when the interrupt comes, and asked again and again until well after it.
            await().during(Duration.ofMillis(2 * AFTER_MILLIS))
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(pool.apply(Square.TYPE, 3)).isEqualTo(9L));

            assertThat(workers.pids()).containsExactly(pid);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void interruptsBetweenAllStepsOfOtherMessagesLoseNoneOfThem(boolean ofAllThreads) throws Exception {
        try (var workers = farm.startWorkers(1, 0, Map.of());
                var pool = farm.connect()) {
            var pid = pool.apply(LateInterrupt.TYPE, new LateInterrupt.Arguments(AFTER_MILLIS, 300, ofAllThreads));
            var squares = squares(pool, 3_000);

            assertThat((Object) squares)
                    .isEqualTo(LongStream.range(0, 3_000).mapToObj(i -> i * i).toList());
            assertThat(workers.pids()).containsExactly(pid);
        }
    }

    @Test
    void withSharedStateEachEffectCountsOnceAndEachIsAnswered() throws Exception {
        var name = "late-" + UUID.randomUUID();
        try (var workers = farm.startWorkers(1, 0, Map.of());
                var pool = farm.connect();
                var shared = farm.shared()) {
            var first = new LateInterruptAdd.Arguments(name, AFTER_MILLIS, 300);
            var others = new LateInterruptAdd.Arguments(name, AFTER_MILLIS, 0);
            var pids = List.copyOf(workers.pids());
            pool.apply(LateInterruptAdd.TYPE, first);
            var values = pool.task(LateInterruptAdd.TYPE).chunkSize(1).map(Collections.nCopies(1_000, others));

            assertThat(values)
                    .containsExactlyInAnyOrderElementsOf(
                            LongStream.rangeClosed(2, 1_001).boxed().toList());
            assertThat(shared.value(name).getLong()).isEqualTo(1_001);
            assertThat(workers.pids()).isEqualTo(pids);
        }
    }

    private static List<? extends Number> squares(Pool pool, int count) {
        return pool.task(Square.TYPE)
                .chunkSize(1)
                .map(LongStream.range(0, count).boxed().toList());
    }
}
