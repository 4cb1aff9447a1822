package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.broker.ConfirmedPublisher;
import dev.workerfarm.broker.Topology;
import dev.workerfarm.error.PublishException;
import dev.workerfarm.testkit.TestFarm;
import dev.workerfarm.wire.EncodedMessage;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of messages beyond the usual, on whatever broker this run has. */
@Timeout(60)
class ConfirmedPublisherIT {
    private static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);
    private static final EncodedMessage MESSAGE = new EncodedMessage(new AMQP.BasicProperties(), TestFarm.bytes("{}"));

    private static TestFarm farm;

    @BeforeAll
    static void start() {
        farm = TestFarm.onSharedServices(ConfirmedPublisherIT.class);
    }

    @AfterAll
    static void stop() {
        farm.close();
    }

    @Test
    void aMessagePublishedAfterTheCloseFailsAndHoldsNoPlaceInTheWindow() {
        var publisher = open();
        publisher.close();

        for (int i = 0; i < 2; i++) { // with a window of 1
            var confirmed = publisher.publish(farm.tasks(), MESSAGE, true, Duration.ofSeconds(5));

            assertThatThrownBy(() -> confirmed.get(10, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(PublishException.class)
                    .hasMessageContaining("closed");
        }
    }

    @Test
    void aTimeoutThatIsLongerThanNanosecondsCanBeCountedIsTaken() throws Exception {
        try (var publisher = open()) {
            var confirmed = publisher.publish(farm.tasks(), MESSAGE, true, FOREVER);

            assertThat(confirmed).succeedsWithin(Duration.ofSeconds(10));
            assertThat(publisher.flush(FOREVER)).isTrue();
        }
    }

    private static ConfirmedPublisher open() {
        var topology = new Topology(farm.names(), List.of());
        return new ConfirmedPublisher(farm.broker(), "test", topology, 1, fault -> {});
    }
}
