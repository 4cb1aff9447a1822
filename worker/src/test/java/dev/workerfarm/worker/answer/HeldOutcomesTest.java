package dev.workerfarm.worker.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.broker.Topology.QueueHome;
import dev.workerfarm.error.PublishException;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.worker.delivery.Delivery;
import dev.workerfarm.worker.process.Cancellation;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class HeldOutcomesTest {
    private static final EncodedMessage MESSAGE = new EncodedMessage(new AMQP.BasicProperties(), new byte[10]);

    @SuppressWarnings("NullAway") // nobody looks at its subscription
    private static final Delivery DELIVERY =
            new Delivery(null, 1, "queue", false, new AMQP.BasicProperties(), new byte[0]);

    private final CompletableFuture<Void> confirmed = new CompletableFuture<>();
    private final Outbox outbox = new Outbox(new Silent(), new Cancellation(), fault -> {});
    private final AtomicReference<@Nullable String> reason = new AtomicReference<>("it is full");
    private final HeldOutcomes held = new HeldOutcomes(queue -> reason.get(), Duration.ofMillis(10));

    private Outbox.Sending hold(boolean isReply) {
        return held.track(DELIVERY, outbox.deliver("replies", MESSAGE, false), MESSAGE, isReply);
    }

    private void awaitLate(int count) {
        await().atMost(Duration.ofSeconds(5)).until(() -> held.count() == count);
    }

    @Test
    void whatWaitsForASecondIsToldAndHoldsNoPlaceUntilItIsConfirmed() {
        hold(false);
        assertThat(held.aside()).as("at once").isEmpty();
        awaitLate(1);

        assertThat(held.aside()).hasSize(1);
        assertThat(held.summary()).isEqualTo("1 for replies (it is full)");

        confirmed.complete(null);
        assertThat(held.summary()).isNull();
        assertThat(held.aside()).isEmpty();
    }

    @Test
    void aReplyThatIsRefusedForLongIsGivenUpAndNothingElse() throws Exception {
        var reply = hold(true);
        var letter = hold(false);
        awaitLate(2);
        held.look(outbox);
        await().atMost(Duration.ofSeconds(5)).until(() -> {
            held.look(outbox);
            return reply.isDone();
        });

        assertThatThrownBy(reply::get)
                .hasCauseInstanceOf(PublishException.class)
                .hasMessageContaining("it is full");
        assertThat(letter).isNotDone();
        assertThat(confirmed).as("the publisher lets go of it").isCancelled();
    }

    @Test
    void aReplyWaitsAsLongAsTheBrokerIsAway() {
        reason.set(null);
        var reply = hold(true);
        awaitLate(1);
        held.look(outbox);
        await().during(Duration.ofMillis(100)).atMost(Duration.ofSeconds(5)).until(() -> {
            held.look(outbox);
            return !reply.isDone();
        });
    }

    @Test
    void atItsBoundNothingIsPutAside() {
        IntStream.range(0, 64).forEach(i -> hold(false));
        awaitLate(64);

        assertThat(held.isAtBound()).isTrue();
        assertThat(held.aside()).isEmpty();
        assertThat(held.room()).isEqualTo(1);
    }

    /** Takes everything, and confirms when the test says so. */
    private final class Silent implements Outbox.Publisher {
        @Override
        public CompletableFuture<Void> publish(
                String queue, EncodedMessage message, boolean mandatory, @Nullable Instant due) {
            return confirmed;
        }

        @Override
        public QueueHome look(String queue) throws IOException {
            throw new IOException("no answer");
        }

        @Override
        public void declareReplies(String queue) {
            throw new AssertionError("nothing came back");
        }
    }
}
