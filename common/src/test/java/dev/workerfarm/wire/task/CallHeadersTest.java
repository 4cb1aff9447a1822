package dev.workerfarm.wire.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.json.DecodeException;
import dev.workerfarm.task.TimeLimits;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CallHeadersTest {
    private static @Nullable Duration anyLimit(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> null;
            case 1 -> Duration.ofSeconds(1 + random.nextInt(100_000));
            case 2 -> Duration.ofMillis(1 + random.nextInt(10_000));
            default -> Duration.ofMillis(1 + random.nextLong(TimeLimits.LONGEST.toMillis()));
        };
    }

    @Test
    void everyLimitOfMillisecondsIsReadAsItWasWritten() {
        var random = new Random(4);
        for (int i = 0; i < 20_000; i++) {
            var limits = new TimeLimits(anyLimit(random), anyLimit(random));

            var headers = CallHeaders.of(null, null, null, limits);

            assertThat(CallHeaders.timeLimits(headers)).isEqualTo(limits);
        }
    }

    @Test
    void isCelerysHeaderWithTheHardLimitFirst() {
        assertThat(CallHeaders.of(null, null, null, new TimeLimits(Duration.ofMillis(1_500), Duration.ofMinutes(1))))
                .isEqualTo(Map.of("timelimit", List.of(60L, 1.5)));
        assertThat(CallHeaders.of(null, null, null, TimeLimits.NONE)).isEmpty();
    }

    @Test
    void zeroAndNothingAreNoLimit() {
        assertThat(read(Arrays.asList(0, null))).isEqualTo(TimeLimits.NONE);
        assertThat(read(Arrays.asList(null, 0.0))).isEqualTo(TimeLimits.NONE);
        assertThat(CallHeaders.timeLimits(Map.of())).isEqualTo(TimeLimits.NONE);
        assertThat(CallHeaders.timeLimits(Collections.singletonMap("timelimit", null)))
                .isEqualTo(TimeLimits.NONE);
    }

    @Test
    void theShortestIsAMillisecondAndTheLongestAYear() {
        assertThat(read(List.of(1e-9, 1e300))).isEqualTo(new TimeLimits(TimeLimits.LONGEST, Duration.ofMillis(1)));
    }

    private static TimeLimits read(List<?> limits) {
        return CallHeaders.timeLimits(Map.of("timelimit", limits));
    }

    static List<Object> noLimits() {
        return List.of(
                "10",
                10,
                Map.of("hard", 10),
                List.of(),
                List.of(1),
                List.of(1, 2, 3),
                List.of("1", 2),
                List.of(1, -0.5),
                List.of(Double.NaN, 1),
                List.of(1, List.of()));
    }

    @ParameterizedTest
    @MethodSource("noLimits")
    void refusesAnythingElse(Object value) {
        assertThatThrownBy(() -> CallHeaders.timeLimits(Map.of("timelimit", value)))
                .isInstanceOf(DecodeException.class)
                .hasMessageContaining("timelimit");
    }

    @Test
    void theItemsThatTimedOutAddUp() {
        var once = CallHeaders.withTimedOut(Map.of(), 7);
        var twice = CallHeaders.withTimedOut(Map.of("farm-timed-out", once), 3);

        assertThat(twice).containsExactly(3, 7);
        assertThat(CallHeaders.withTimedOut(Map.of("farm-timed-out", twice), 7)).containsExactly(3, 7);
        assertThat(CallHeaders.timedOut(Map.of("farm-timed-out", twice))).containsExactlyInAnyOrder(3, 7);
        assertThat(CallHeaders.timedOut(Map.of())).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("noItems")
    void refusesWhatIsNoListOfItems(Object value) {
        assertThatThrownBy(() -> CallHeaders.timedOut(Map.of("farm-timed-out", value)))
                .isInstanceOf(DecodeException.class)
                .hasMessageContaining("farm-timed-out");
    }

    static List<Object> noItems() {
        return List.of("7", 7, List.of("7"), List.of(-1), List.of(MapChunk.MAX_ITEMS), List.of(1.0), List.of(1L << 32));
    }
}
