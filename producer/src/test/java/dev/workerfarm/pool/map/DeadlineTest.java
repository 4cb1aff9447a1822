package dev.workerfarm.pool.map;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.pool.map.MapRun.Deadline;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeadlineTest {
    @ParameterizedTest
    @ValueSource(longs = {60, 365_000L * 86_400, Long.MAX_VALUE})
    void aMomentToComeIsNotOverHoweverFar(long seconds) {
        var deadline = Deadline.in(Duration.ofSeconds(seconds));

        assertThat(deadline.isOver()).isFalse();
        assertThat(deadline.nanosLeft()).isGreaterThan(Duration.ofSeconds(50).toNanos());
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, -365_000L * 86_400, Long.MIN_VALUE})
    void aMomentThatIsPastIsOverHoweverLong(long seconds) {
        var deadline = Deadline.in(Duration.ofSeconds(seconds));

        assertThat(deadline.isOver()).isTrue();
        assertThat(deadline.nanosLeft()).isZero();
    }

    @Test
    void theEarlierOfTwoWins() {
        var soon = Deadline.in(Duration.ofSeconds(1));

        assertThat(soon.earlier(Deadline.never())).isSameAs(soon);
        assertThat(Deadline.never().earlier(soon)).isSameAs(soon);
        assertThat(Deadline.in(Duration.ofSeconds(Long.MIN_VALUE)).earlier(soon).isOver())
                .isTrue();
    }
}
