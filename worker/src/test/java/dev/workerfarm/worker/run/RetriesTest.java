package dev.workerfarm.worker.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.task.RetryLater;
import dev.workerfarm.task.RetryPolicy;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.worker.run.MessageRun.Retries;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RetriesTest {
    private static final Instant NOW = Instant.parse("2026-11-23T08:00:00Z");
    private static final RetryPolicy THREE =
            RetryPolicy.of(3).withFirst(Duration.ofSeconds(4)).withJitter(0);
    private final IOException failure = new IOException("no");

    private static Outcome after(@Nullable RetryPolicy policy, int attempt, Throwable thrown) {
        return new Retries(policy, attempt, Clock.fixed(NOW, ZoneOffset.UTC)).after(thrown);
    }

    @Test
    void theFirstFailureIsTheLastWithoutAPolicy() {
        assertThat(after(null, 0, failure)).isEqualTo(new Outcome.Failed(Failure.of(failure)));
        assertThat(after(RetryPolicy.NONE, 0, failure)).isEqualTo(new Outcome.Failed(Failure.of(failure)));
    }

    @Test
    void waitsLongerAfterEachAttemptAndGivesUpAfterTheLast() {
        assertThat(after(THREE, 0, failure))
                .isEqualTo(new Outcome.Postponed(NOW.plusSeconds(4), 1, Failure.of(failure)));
        assertThat(after(THREE, 1, failure))
                .isEqualTo(new Outcome.Postponed(NOW.plusSeconds(8), 2, Failure.of(failure)));
        for (var attempt : new int[] {2, 3, Integer.MAX_VALUE}) {
            assertThat(after(THREE, attempt, failure))
                    .isEqualTo(new Outcome.Failed(Failure.of(failure), "retries-exhausted"));
        }
    }

    @Test
    void keepsNoLetterOfAFailureThatIsNotWorthAnotherAttempt() {
        assertThat(after(THREE.never("IOException"), 0, failure)).isEqualTo(new Outcome.Failed(Failure.of(failure)));
    }

    @Test
    void runsAgainWhenATaskAsksForItWhateverFailuresAreNamed() {
        var later = new RetryLater(Duration.ofDays(2));
        var again = new Outcome.Postponed(NOW.plus(Duration.ofDays(2)), 1, Failure.of(later));
        assertThat(after(null, 0, later)).isEqualTo(again);
        assertThat(after(THREE.only("IOException"), 0, later)).isEqualTo(again);
        assertThat(after(null, 1_000, later)).isInstanceOf(Outcome.Postponed.class);
        assertThat(after(THREE, 2, later)).isEqualTo(new Outcome.Failed(Failure.of(later), "retries-exhausted"));
    }
}
