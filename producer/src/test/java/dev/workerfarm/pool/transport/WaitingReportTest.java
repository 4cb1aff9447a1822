package dev.workerfarm.pool.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.workerfarm.pool.LogCapture;
import dev.workerfarm.wire.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.LoggerFactory;

class WaitingReportTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    @RegisterExtension
    private final LogCapture log = new LogCapture(WaitingReport.class);

    private final AtomicReference<WaitingReport.@Nullable Oldest> oldest = new AtomicReference<>();
    private final AtomicInteger looks = new AtomicInteger();
    private final WaitingReport report = new WaitingReport(Duration.ofMillis(60), () -> {
        looks.incrementAndGet();
        return oldest.get();
    });

    @BeforeEach
    void start() {
        ((Logger) LoggerFactory.getLogger(WaitingReport.class)).setLevel(Level.INFO);
        try (var broker = new InMemoryBroker()) {
            report.start(broker.apply(new Nobody()));
        }
    }

    @AfterEach
    void close() {
        report.close();
    }

    private void call(boolean taken, @Nullable Instant due) {
        oldest.set(new WaitingReport.Oldest("tasks", due, taken, System.nanoTime(), 3));
    }

    private String said() {
        await().atMost(SOON).until(() -> !messages().isEmpty());
        return messages().get(0);
    }

    private List<String> messages() {
        return List.copyOf(log.events()).stream()
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    @Test
    void saysAgainAndAgainWhatIsInTheWay() {
        call(false, null);

        assertThat(said()).isEqualTo("waiting for results calls=3 longestSeconds=0 reason=not taken");
        await().atMost(SOON).until(() -> messages().size() > 2);
    }

    @Test
    void saysThatTasksRunOrWait() {
        call(true, null);

        assertThat(said())
                .contains("their tasks run or wait for a worker calls=3")
                .endsWith("queue=tasks");
    }

    @Test
    void saysWhenTheTaskIsDue() {
        var due = Instant.now().plusSeconds(60);
        call(true, due);

        assertThat(said()).endsWith("due=" + due);
    }

    @Test
    void saysNothingWhereNothingWaits() {
        await().atMost(SOON).until(() -> looks.get() > 3);
        assertThat(messages()).isEmpty();
    }

    private static final class Nobody implements Transport.Listener {
        @Override
        public void answered(String id, Outcome outcome) {}

        @Override
        public void lost() {}

        @Override
        public void died(String loop, Throwable fault) {}
    }
}
