package dev.workerfarm.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StopSignalsTest {
    private static final Duration SOON = Duration.ofSeconds(5);

    static List<Throwable> faults() {
        return List.of(new IllegalStateException("on purpose"), new StackOverflowError("on purpose"));
    }

    @Test
    void theFirstStopsAndEachFurtherOneHurries() throws InterruptedException {
        var hurries = new AtomicInteger();
        try (var signals = new StopSignals()) {
            assertThat(signals.isStopRequested()).isFalse();
            signals.request();
            assertThat(signals.isStopRequested()).isTrue();
            signals.awaitFirst();
            signals.onEachFurther(hurries::incrementAndGet);
            assertThat(signals.isStopRequested()).isFalse();

            signals.request();
            signals.request();

            await().atMost(SOON).untilAsserted(() -> assertThat(hurries).hasValue(2));
        }
    }

    @ParameterizedTest
    @MethodSource("faults")
    void aFaultInAHurryLeavesTheNextSignalItsHurry(Throwable fault) {
        var hurries = new AtomicInteger();
        try (var signals = new StopSignals()) {
            signals.onEachFurther(() -> {
                if (hurries.incrementAndGet() == 1) {
                    StopSignalsTest.<RuntimeException>raise(fault);
                }
            });

            signals.request();
            signals.request();

            await().atMost(SOON).untilAsserted(() -> assertThat(hurries).hasValue(2));
        }
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T extends Throwable> void raise(Throwable fault) throws T {
        throw (T) fault;
    }
}
