package dev.workerfarm.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {
    @Test
    void waitsTwiceAsLongEachTimeUpToTheCap() {
        var policy = RetryPolicy.of(10)
                .withFirst(Duration.ofSeconds(3))
                .withCap(Duration.ofSeconds(20))
                .withJitter(0);
        assertThat(policy.waitAfter(0, 0.5)).isEqualTo(Duration.ofSeconds(3));
        assertThat(policy.waitAfter(1, 0.5)).isEqualTo(Duration.ofSeconds(6));
        assertThat(policy.waitAfter(2, 0.5)).isEqualTo(Duration.ofSeconds(12));
        assertThat(policy.waitAfter(3, 0.5)).isEqualTo(Duration.ofSeconds(20));
    }

    @Test
    void keepsEveryWaitWithinItsBoundsHoweverManyAttemptsThereWere() {
        var random = new Random(11);
        for (int i = 0; i < 20_000; i++) {
            var policy = new RetryPolicy(
                    Integer.MAX_VALUE,
                    Duration.ofMillis(random.nextInt(100_000)),
                    random.nextBoolean() ? 1 : random.nextDouble(1, 1e9),
                    Duration.ofMillis(random.nextLong(RetryPolicy.LONGEST_WAIT.toMillis() + 1)),
                    random.nextDouble(),
                    RetryPolicy.NONE.only(),
                    RetryPolicy.NONE.never());
            var attempt = random.nextInt(4) == 0 ? Integer.MAX_VALUE - 1 : random.nextInt(1_001);

            var longest = policy.waitAfter(attempt, 0);
            var wait = policy.waitAfter(attempt, random.nextDouble());

            assertThat(longest).as("%s after %s", policy, attempt).isLessThanOrEqualTo(policy.cap());
            assertThat(policy.waitAfter(attempt + 1, 0)).isGreaterThanOrEqualTo(longest);
            assertThat(wait)
                    .isBetween(Duration.ofMillis((long) (longest.toMillis() * (1 - policy.jitter())) - 1), longest);
        }
    }

    @Test
    void waitsNotAtAllWhereTheFirstWaitIsNone() {
        var policy = RetryPolicy.of(5).withFirst(Duration.ZERO).withFactor(Double.MAX_VALUE);
        assertThat(policy.waitAfter(1_000, 0.3)).isZero();
    }

    @Test
    void coversTheNamedFailuresAndTheirSubclasses() {
        var all = RetryPolicy.of(3);
        assertThat(all.covers(new AssertionError())).isTrue();
        var io = all.only("IOException", "java.lang.IllegalStateException");
        assertThat(io.covers(new IOException())).isTrue();
        assertThat(io.covers(new FileNotFoundException())).isTrue();
        assertThat(io.covers(new IllegalStateException())).isTrue();
        assertThat(io.covers(new IllegalArgumentException())).isFalse();
        var found = io.never("FileNotFoundException");
        assertThat(found.covers(new IOException())).isTrue();
        assertThat(found.covers(new FileNotFoundException())).isFalse();
    }

    @Test
    void refusesNumbersThatMeanNothing() {
        var policy = RetryPolicy.of(3);
        assertThatIllegalArgumentException().isThrownBy(() -> RetryPolicy.of(0));
        assertThatIllegalArgumentException().isThrownBy(() -> policy.withFirst(Duration.ofMillis(-1)));
        assertThatIllegalArgumentException().isThrownBy(() -> policy.withCap(Duration.ofDays(367)));
        assertThatIllegalArgumentException().isThrownBy(() -> policy.withFactor(0.9));
        assertThatIllegalArgumentException().isThrownBy(() -> policy.withFactor(Double.NaN));
        assertThatIllegalArgumentException().isThrownBy(() -> policy.withJitter(1.1));
        assertThatIllegalArgumentException().isThrownBy(() -> policy.withJitter(Double.NaN));
        assertThatIllegalArgumentException().isThrownBy(() -> new RetryLater(Duration.ofDays(-1)));
        assertThatIllegalArgumentException().isThrownBy(() -> new RetryLater(Duration.ofDays(4_000)));
    }
}
