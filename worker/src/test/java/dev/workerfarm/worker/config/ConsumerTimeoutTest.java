package dev.workerfarm.worker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.broker.Dialect;
import dev.workerfarm.worker.config.ConsumerTimeout.Means;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConsumerTimeoutTest {
    private static final ConsumerTimeout USUAL = ConsumerTimeout.from(Map.of());

    @Test
    void isHalfAnHourUnlessItIsSaid() {
        assertThat(USUAL.duration()).isEqualTo(Duration.ofMinutes(30));
        assertThat(told("4h").duration()).isEqualTo(Duration.ofHours(4));
        assertThat(told("off").duration()).isZero();
        assertThat(told("0").duration()).isZero();
    }

    @Test
    void refusesWhatIsNoTimeout() {
        for (var bad : List.of("soon", "-1", "10ms")) {
            assertThatThrownBy(() -> told(bad))
                    .as(bad)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("FARM_CONSUMER_TIMEOUT");
        }
    }

    @Test
    void leavesHalfOfTheTimeToTryAgain() {
        for (var text : List.of("1s", "4s", "30m", "100h")) {
            var timeout = told(text);
            assertThat(timeout.handOverAfter().plus(timeout.lookEvery()).multipliedBy(2))
                    .as(text)
                    .isLessThanOrEqualTo(timeout.duration());
        }
    }

    @Test
    void hasAMeansForEachBroker() {
        for (var old : List.of("3.8.15", "3.10.8", "3.13.7", "4.0.5", "4.2.9", "4.2", "what", "")) {
            assertThat(USUAL.means(Dialect.RABBITMQ, old)).as(old).isEqualTo(Means.COPIES);
        }
        assertThat(USUAL.means(Dialect.RABBITMQ, null)).isEqualTo(Means.COPIES);
        for (var recent : List.of("4.3.0", "4.3.0-rc.1", "4.10.1", "5.0.0")) {
            assertThat(USUAL.means(Dialect.RABBITMQ, recent)).as(recent).isEqualTo(Means.ARGUMENT);
        }
        assertThat(USUAL.means(Dialect.BROKER_J, "10.1.0")).isEqualTo(Means.NOTHING);
        assertThat(told("off").means(Dialect.RABBITMQ, "4.0.5")).isEqualTo(Means.NOTHING);
    }

    private static ConsumerTimeout told(String text) {
        return ConsumerTimeout.from(Map.of("FARM_CONSUMER_TIMEOUT", text));
    }
}
