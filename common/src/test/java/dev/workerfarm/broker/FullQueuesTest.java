package dev.workerfarm.broker;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.wire.EncodedMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class FullQueuesTest {
    private static final long MILLI = Duration.ofMillis(1).toNanos();

    private final FullQueues full = new FullQueues();

    private static PendingMessage message(String queue, long number) {
        var message =
                new PendingMessage("", queue, new EncodedMessage(new AMQP.BasicProperties(), new byte[0]), true, null);
        message.number = number;
        return message;
    }

    @Test
    void oneMessageProbesAfter50MillisecondsAndThenTwiceAsManyEachTimeInTheirOrder() {
        List<Long> sent = new ArrayList<>();
        full.refused(message("a", 3), 0);
        for (var number : List.of(5L, 2L, 4L, 1L, 6L, 7L)) {
            assertThat(full.takes(message("a", number))).isTrue();
        }
        assertThat(full.next(49 * MILLI)).isNull();
        assertThat(full.pauseNanos(49 * MILLI)).isEqualTo(MILLI);

        for (var wave : List.of(1, 2, 4)) {
            List<PendingMessage> probes = new ArrayList<>();
            for (var probe = full.next(50 * MILLI); probe != null; probe = full.next(50 * MILLI)) {
                probes.add(probe);
                sent.add(probe.number);
            }
            assertThat(probes).hasSize(wave);
            probes.forEach(probe -> full.settled(probe, true, 0));
        }

        assertThat(sent).isEqualTo(LongStream.rangeClosed(1, 7).boxed().toList());
        assertThat(full.isEmpty()).isTrue();
        assertThat(full.takes(message("a", 8))).isFalse();
    }

    @Test
    void aQueueThatTakesAMessageNowAndThenRefusesOnlySinceTheLastOneThatItTook() {
        var probe = message("a", 1);
        full.refused(probe, 0);
        full.refused(message("a", 2), 100 * MILLI);
        assertThat(full.refusesSince(0)).isFalse();
        assertThat(full.refusesSince(1)).isTrue();

        full.settled(requireNonNull(full.next(200 * MILLI)), true, 200 * MILLI);

        assertThat(full.refusesSince(200 * MILLI)).isFalse();
        assertThat(full.refusesSince(200 * MILLI + 1)).isTrue();
    }

    @Test
    void aProbeThatIsRefusedWaitsLongerUpToASecond() {
        var probe = message("a", 1);
        var now = 0L;
        full.refused(probe, now);
        for (var pause : List.of(50, 100, 200, 400, 800, 1_000, 1_000)) {
            assertThat(full.next(now + (pause - 1) * MILLI))
                    .as("after %s ms", pause)
                    .isNull();
            now += pause * MILLI;
            assertThat(full.next(now)).isSameAs(probe);
            full.refused(probe, now);
        }
    }

    @Test
    void messagesForOtherQueuesPass() {
        full.refused(message("a", 1), 0);

        assertThat(full.takes(message("b", 2))).isFalse();
        assertThat(full.holds("a")).isTrue();
        assertThat(full.holds("b")).isFalse();
    }
}
