package dev.workerfarm.worker.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.worker.config.Lane;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PrefetchPolicyTest {
    private final PrefetchPolicy policy = new PrefetchPolicy();

    private int afterRuns(int runs, long micros) {
        for (int i = 0; i < runs; i++) {
            policy.ran(TimeUnit.MICROSECONDS.toNanos(micros));
        }
        return policy.prefetch(0);
    }

    @Test
    void beginsWithAFew() {
        assertThat(policy.prefetch(0)).isEqualTo(Lane.FIRST_PREFETCH);
        assertThat(policy.prefetch(1)).isEqualTo(Lane.FIRST_PREFETCH);
    }

    @Test
    void holdsManyShortTasksOnceItTrustsTheirMean() {
        assertThat(afterRuns(7, 100)).isEqualTo(2);
        assertThat(afterRuns(1, 100)).isEqualTo(128);
    }

    @Test
    void holdsOneWhereTasksAreLong() {
        assertThat(afterRuns(1, 500_000)).isEqualTo(1);
    }

    @Test
    void givesItsWaitingTasksAwayWhileALongOneRuns() {
        assertThat(afterRuns(8, 100)).isEqualTo(128);
        assertThat(policy.prefetch(PrefetchPolicy.LONG.toNanos() - 1)).isEqualTo(128);
        assertThat(policy.prefetch(PrefetchPolicy.LONG.toNanos())).isEqualTo(1);
        assertThat(policy.prefetch(0)).isEqualTo(128);
    }

    @Test
    void doesNotFlapBetweenShortAndNotShort() {
        assertThat(afterRuns(8, 1_000)).isEqualTo(128);
        assertThat(afterRuns(50, 15_000)).isEqualTo(128);
        assertThat(afterRuns(50, 25_000)).isEqualTo(2);
        assertThat(afterRuns(50, 15_000)).isEqualTo(2);
        assertThat(afterRuns(50, 1_000)).isEqualTo(128);
    }

    @Test
    void doesNotFlapBetweenLongAndNotLong() {
        assertThat(afterRuns(20, 100_000)).isEqualTo(1);
        assertThat(afterRuns(20, 80_000)).isEqualTo(1);
        assertThat(afterRuns(20, 50_000)).isEqualTo(2);
        assertThat(afterRuns(20, 80_000)).isEqualTo(2);
    }

    @Test
    void comesBackFromLongTasks() {
        assertThat(afterRuns(5, 2_000_000)).isEqualTo(1);
        assertThat(afterRuns(10, 10_000)).isEqualTo(2);
        assertThat(afterRuns(50, 100)).isEqualTo(128);
    }
}
