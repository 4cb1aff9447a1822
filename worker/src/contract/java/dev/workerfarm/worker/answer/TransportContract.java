package dev.workerfarm.worker.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Consumer;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.error.CallInterruptedException;
import dev.workerfarm.error.PublishException;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.worker.delivery.TaskChannel;
import dev.workerfarm.worker.delivery.TaskConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a lane relies on of its publisher and of its consuming connection: true of a real broker, and of the one in memory. */
@Timeout(60)
abstract class TransportContract {
    private static final Duration SOON = Duration.ofSeconds(20);

    /** A delivery as it came; one without a body says that the consumer was cancelled. */
    record Received(long tag, boolean redelivered, String body) {}

    /** A queue that is there. */
    final String queue = "transport-" + UUID.randomUUID();

    private final BlockingQueue<Received> received = new LinkedBlockingQueue<>();
    private final Consumer receiver = new DefaultConsumer(null) {
        @Override
        public void handleDelivery(String consumer, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
            var text = new String(body, StandardCharsets.UTF_8);
            received.add(new Received(envelope.getDeliveryTag(), envelope.isRedeliver(), text));
        }

        @Override
        public void handleCancelOk(String consumer) {
            received.add(new Received(0, false, ""));
        }

        @Override
        public void handleCancel(String consumer) {
            throw new IllegalStateException("nobody deletes the queue");
        }
    };

    abstract Outbox.Publisher publisher();

    /** Another connection, on which {@link #queue} is declared. */
    abstract TaskConnection connect() throws IOException;

    /** Closes a connection under its channels. */
    abstract void lose(TaskConnection connection);

    @AfterEach
    void clearInterrupt() {
        Thread.interrupted();
    }

    private void publish(String... bodies) {
        for (var body : bodies) {
            var message = new EncodedMessage(new AMQP.BasicProperties(), body.getBytes(StandardCharsets.UTF_8));
            assertThat(publisher().publish(queue, message, true, null)).succeedsWithin(SOON);
        }
    }

    private Received take() throws InterruptedException {
        var next = received.poll(SOON.toMillis(), TimeUnit.MILLISECONDS);
        assertThat(next).as("a delivery").isNotNull();
        return next;
    }

    private TaskChannel consume(TaskConnection connection, int prefetch) throws IOException {
        var channel = connection.openChannel();
        channel.consume(queue, prefetch, Map.of(), receiver);
        return channel;
    }

    @Test
    void onlyAMandatoryMessageNeedsAQueue() {
        var message = new EncodedMessage(new AMQP.BasicProperties(), new byte[0]);

        assertThat(publisher().publish("none-" + queue, message, false, null)).succeedsWithin(SOON);
        assertThat(publisher().publish("none-" + queue, message, true, null))
                .failsWithin(SOON)
                .withThrowableThat()
                .withCauseInstanceOf(PublishException.class);
    }

    @Test
    void anInterruptedThreadPublishesNothingAndStaysInterrupted() throws Exception {
        connect();
        Thread.currentThread().interrupt();
        var message = new EncodedMessage(new AMQP.BasicProperties(), new byte[0]);
        assertThatThrownBy(() -> publisher().publish(queue, message, true, null))
                .isInstanceOf(CallInterruptedException.class);
        assertThat(Thread.interrupted()).isTrue();

        publish("a");
        consume(connect(), 0);
        assertThat(take().body()).isEqualTo("a");
    }

    @Test
    void deliversInOrderUpToThePrefetchAndAnotherForEachAck() throws Exception {
        var connection = connect();
        publish("a", "b", "c");
        var channel = consume(connection, 2);
        var first = take();
        assertThat(first.body()).isEqualTo("a");
        assertThat(first.redelivered()).isFalse();
        assertThat(take().body()).isEqualTo("b");
        assertThat(received.poll(100, TimeUnit.MILLISECONDS)).isNull();

        channel.ack(first.tag(), false);

        assertThat(take().body()).isEqualTo("c");
    }

    @Test
    void oneAckCoversAllDeliveriesBeforeIt() throws Exception {
        var connection = connect();
        publish("a", "b", "c");
        var channel = consume(connection, 2);
        take();
        channel.ack(take().tag(), true);
        assertThat(take().body()).isEqualTo("c");

        lose(connection);
        consume(connect(), 0);
        assertThat(take().body()).isEqualTo("c"); // and neither of the others
        assertThat(received.poll(100, TimeUnit.MILLISECONDS)).isNull();
    }

    @Test
    void whatIsGivenBackComesAgainAndIsMarked() throws Exception {
        var connection = connect();
        publish("a");
        var channel = consume(connection, 1);
        channel.giveBack(take().tag());

        var again = take();
        assertThat(again.body()).isEqualTo("a");
        assertThat(again.redelivered()).isTrue();
    }

    @Test
    void aCancelledConsumerGetsNoMoreAndMaySettleTheRest() throws Exception {
        var connection = connect();
        publish("a", "b");
        var channel = consume(connection, 1);
        var held = take();

        channel.cancel();
        assertThat(take().tag()).as("the consumer's end").isZero();
        channel.ack(held.tag(), false);

        consume(connection, 0);
        assertThat(take().body()).isEqualTo("b");
        assertThat(received.poll(100, TimeUnit.MILLISECONDS)).isNull();
    }

    @Test
    void aClosedChannelGivesBackWhatItHolds() throws Exception {
        var connection = connect();
        publish("a");
        var channel = consume(connection, 1);
        take();

        channel.close();

        consume(connection, 1);
        assertThat(take().redelivered()).isTrue();
    }

    @Test
    void aLostConnectionGivesBackWhatItHoldsAndTakesNoAck() throws Exception {
        var connection = connect();
        publish("a");
        var channel = consume(connection, 1);
        var held = take();

        lose(connection);

        assertThatThrownBy(() -> channel.ack(held.tag(), false)).isInstanceOf(ShutdownSignalException.class);
        consume(connect(), 1);
        assertThat(take().redelivered()).isTrue();
    }

    @Test
    void aRefusedQuestionClosesItsChannelAlone() throws Exception {
        var connection = connect();
        var probe = connection.openProbe();

        assertThatThrownBy(() -> probe.consume("none-" + queue, 1, Map.of(), receiver))
                .isInstanceOfSatisfying(
                        IOException.class,
                        refused -> assertThat(probe.hasRefused(refused)).isTrue());

        publish("a");
        consume(connection, 1);
        assertThat(take().body()).isEqualTo("a");
    }
}
