package dev.workerfarm.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DelayedDeliveryTest {
    @Test
    void writesAWaitInTwentyEightBinaryDigitsBeforeTheQueue() {
        assertThat(DelayedDelivery.key(1, "farm.tasks"))
                .isEqualTo("0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.farm.tasks");
        assertThat(DelayedDelivery.key(86_400, "q"))
                .isEqualTo("0.0.0.0.0.0.0.0.0.0.0.1.0.1.0.1.0.0.0.1.1.0.0.0.0.0.0.0.q");
        assertThat(DelayedDelivery.key((1 << 28) - 1, "q")).isEqualTo("1.".repeat(28) + "q");
    }

    @Test
    void waitsNeverLessThanAskedFor() {
        assertThat(DelayedDelivery.secondsUp(Duration.ofSeconds(-5))).isZero();
        assertThat(DelayedDelivery.secondsUp(Duration.ZERO)).isZero();
        assertThat(DelayedDelivery.secondsUp(Duration.ofNanos(1))).isEqualTo(1);
        assertThat(DelayedDelivery.secondsUp(Duration.ofSeconds(1))).isEqualTo(1);
        assertThat(DelayedDelivery.secondsUp(Duration.ofMillis(1_001))).isEqualTo(2);
        assertThat(DelayedDelivery.secondsUp(Duration.ofSeconds(Long.MAX_VALUE, 1)))
                .isEqualTo((1 << 28) - 1);
    }

    @Test
    void knowsTheNamesThatFitARoutingKeyAndMatchNoOther() {
        assertThat(DelayedDelivery.fits("farm.tasks")).isTrue();
        assertThat(DelayedDelivery.fits("a*b.c#")).isTrue();
        assertThat(DelayedDelivery.fits("x".repeat(199))).isTrue();
        assertThat(DelayedDelivery.fits("x".repeat(200))).isFalse();
        assertThat(DelayedDelivery.fits("é".repeat(100))).isFalse();
        assertThat(DelayedDelivery.fits("a.#")).isFalse();
        assertThat(DelayedDelivery.fits("*")).isFalse();
    }
}
