package dev.workerfarm.pool.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.error.CallInterruptedException;
import dev.workerfarm.error.PublishException;
import dev.workerfarm.error.PublishTimeoutException;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.ResultCodec;
import dev.workerfarm.wire.control.ControlCodec;
import dev.workerfarm.wire.control.ControlMessage;
import dev.workerfarm.wire.task.TaskCodec;
import dev.workerfarm.wire.task.TaskMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link Transport} does, whatever carries its messages. It runs on a real broker and on the one in memory, so
 * that a test without a server sees what a server would do.
 */
@Timeout(60)
abstract class TransportContract {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration AT_ONCE = Duration.ofMillis(50);

    /** The other side of a transport. */
    interface Broker {
        /** Declares a queue. */
        void declare(String queue) throws Exception;

        void delete(String queue) throws Exception;

        boolean exists(String queue) throws Exception;

        /** Takes all messages of a queue away: their correlation ids, in order. */
        List<String> take(String queue) throws Exception;

        /** Publishes to a queue, as a worker does that answers. */
        void publish(String queue, EncodedMessage message) throws Exception;

        /** Subscribes to a queue until the test's end. */
        void consume(String queue) throws Exception;

        /** From now on it neither confirms nor delivers, and its connections stay open. */
        void freeze() throws Exception;

        void thaw() throws Exception;

        /** Closes all connections; they may be opened again at once. */
        void closeConnections() throws Exception;
    }

    /** What a listener heard. */
    private static final class Heard implements Transport.Listener {
        private final List<String> answers = new CopyOnWriteArrayList<>();
        private final List<String> deaths = new CopyOnWriteArrayList<>();
        private final CompletableFuture<Void> lost = new CompletableFuture<>();
        private BiConsumer<String, Outcome> onAnswer = (id, outcome) -> {};

        @Override
        public void answered(String id, Outcome outcome) {
            answers.add(id + " " + ((Outcome.Succeeded) outcome).value());
            onAnswer.accept(id, outcome);
        }

        @Override
        public void lost() {
            lost.complete(null);
        }

        @Override
        public void died(String loop, Throwable fault) {
            deaths.add(fault.toString());
        }
    }

    private final Heard heard = new Heard();
    private final String queue = "contract-" + UUID.randomUUID();
    private final List<Transport> opened = new ArrayList<>();

    abstract Broker broker();

    abstract Transport open(Transport.Listener listener);

    private Transport transport() throws Exception {
        broker().declare(queue);
        var transport = open(heard);
        opened.add(transport);
        return transport;
    }

    @AfterEach
    void close() throws Exception {
        opened.forEach(Transport::close);
        broker().delete(queue);
    }

    private static EncodedMessage task(String id) {
        return TaskCodec.encode(TaskMessage.of(id, "square", List.of(1L), Map.of(), null, Map.of()));
    }

    private static EncodedMessage reply(String id, long value) {
        return ResultCodec.encode(id, id, new Outcome.Succeeded(value));
    }

    @Test
    void confirmsWhatAQueueHasTakenAndKeepsTheOrder() throws Exception {
        var transport = transport();

        var first = transport.publish(queue, task("1"), null, SOON);
        var second = transport.publish(queue, task("2"), null, SOON);

        first.get(20, TimeUnit.SECONDS);
        second.get(20, TimeUnit.SECONDS);
        assertThat(broker().take(queue)).containsExactly("1", "2");
    }

    @Test
    void failsWhatNoQueueTakes() throws Exception {
        var confirmed = transport().publish("there-is-none-" + queue, task("1"), null, SOON);

        assertThatThrownBy(() -> confirmed.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(PublishException.class);
    }

    @Test
    void declaresATaskQueueForItsFirstMessageAndAgainOnANewConnection() throws Exception {
        var transport = transport();
        broker().delete(queue);

        transport.declare(queue);
        transport.publish(queue, task("1"), null, SOON).get(20, TimeUnit.SECONDS);
        assertThat(broker().take(queue)).containsExactly("1");

        broker().delete(queue);
        broker().closeConnections();
        transport.declare(queue);
        transport.publish(queue, task("2"), null, SOON).get(20, TimeUnit.SECONDS);
        assertThat(broker().take(queue)).containsExactly("2");
    }

    @Test
    void delaysWhatIsNotDue() throws Exception {
        var transport = transport();
        var due = Instant.now().plusSeconds(2);

        transport.publish(queue, task("later"), due, SOON).get(20, TimeUnit.SECONDS);
        transport.publish(queue, task("now"), null, SOON).get(20, TimeUnit.SECONDS);

        List<String> arrived = new ArrayList<>();
        await().atMost(SOON).until(() -> arrived.addAll(broker().take(queue)) && arrived.contains("later"));
        assertThat(arrived).containsExactly("now", "later");
        assertThat(Instant.now()).isAfterOrEqualTo(due);
    }

    @Test
    void handsOnEachReplyInOrderAlsoASecondOfItsId() throws Exception {
        var replies = transport().replyQueue();

        broker().publish(replies, reply("a", 1));
        broker().publish(replies, reply("b", 2));
        broker().publish(replies, reply("a", 3));

        await().atMost(SOON).until(() -> heard.answers.size() == 3);
        assertThat(heard.answers).containsExactly("a 1", "b 2", "a 3");
    }

    @Test
    void dropsWhatIsNoReply() throws Exception {
        var replies = transport().replyQueue();
        var properties = new AMQP.BasicProperties.Builder().correlationId("x").build();

        broker().publish(replies, new EncodedMessage(properties, "no JSON".getBytes(StandardCharsets.UTF_8)));
        broker().publish(replies, reply("a", 1));

        await().atMost(SOON).until(() -> !heard.answers.isEmpty());
        assertThat(heard.answers).containsExactly("a 1");
        assertThat(heard.deaths).isEmpty();
    }

    @Test
    void goesOnReceivingAfterAStrayInterrupt() throws Exception {
        var replies = transport().replyQueue();
        heard.onAnswer = (id, outcome) -> Thread.currentThread().interrupt();

        broker().publish(replies, reply("a", 1));
        await().atMost(SOON).until(() -> heard.answers.size() == 1);
        broker().publish(replies, reply("b", 2));

        await().atMost(SOON).until(() -> heard.answers.size() == 2);
        assertThat(heard.deaths).isEmpty();
    }

    @Test
    void reportsAFaultOfItsReceivingLoop() throws Exception {
        var replies = transport().replyQueue();
        heard.onAnswer = (id, outcome) -> {
            throw new AssertionError("a fault");
        };

        broker().publish(replies, reply("a", 1));

        await().atMost(SOON).until(() -> !heard.deaths.isEmpty());
        assertThat(heard.deaths).containsExactly("java.lang.AssertionError: a fault");
    }

    @Test
    void boundsWhatIsUnconfirmedAndConfirmsItOnceTheBrokerGoesOn() throws Exception {
        var transport = transport();
        List<CompletableFuture<Void>> confirmed = new ArrayList<>();
        broker().freeze();
        try {
            for (int i = 0; i < Transport.WINDOW; i++) {
                confirmed.add(transport.publish(queue, task("" + i), null, SOON));
            }

            assertThatThrownBy(() -> transport.publish(queue, task("beyond"), null, AT_ONCE))
                    .isInstanceOf(PublishTimeoutException.class)
                    .hasMessageContaining("away or blocks publishers");
            assertThatThrownBy(() -> transport.broadcast(task("beyond"))).isInstanceOf(PublishTimeoutException.class);
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> transport.publish(queue, task("beyond"), null, SOON))
                    .isInstanceOf(CallInterruptedException.class)
                    .hasCauseInstanceOf(InterruptedException.class);
            assertThat(Thread.interrupted()).as("the flag is set again").isTrue();
            assertThat(confirmed).noneMatch(CompletableFuture::isDone);
        } finally {
            broker().thaw();
        }

        CompletableFuture.allOf(confirmed.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);
        assertThat(broker().take(queue)).contains("0", "1023").doesNotContain("beyond");
    }

    @Test
    void publishesAgainWhatWasUnconfirmedWhenTheConnectionWasLost() throws Exception {
        var transport = transport();
        broker().freeze();
        CompletableFuture<Void> confirmed;
        try {
            confirmed = transport.publish(queue, task("1"), null, SOON);
        } finally {
            broker().thaw();
        }
        broker().closeConnections();

        confirmed.get(20, TimeUnit.SECONDS);
        assertThat(broker().take(queue)).contains("1");
        assertThat(heard.lost).isNotDone();
    }

    @Test
    void reportsALostReplyQueueAndReceivesAgain() throws Exception {
        var replies = transport().replyQueue();

        broker().delete(replies);

        heard.lost.get(20, TimeUnit.SECONDS);
        broker().publish(replies, reply("a", 1));
        await().atMost(SOON).until(() -> heard.answers.contains("a 1"));
    }

    @Test
    void countsConsumers() throws Exception {
        var transport = transport();

        assertThat(transport.consumers("there-is-none-" + queue)).isZero();
        assertThat(transport.consumers(queue)).isZero();
        broker().consume(queue);
        assertThat(transport.consumers(queue)).isEqualTo(1);
    }

    @Test
    void broadcastsWhereNobodyListens() throws Exception {
        transport().broadcast(ControlCodec.encode(new ControlMessage.Status())).get(20, TimeUnit.SECONDS);
    }

    @Test
    void closesWithItsReplyQueue() throws Exception {
        var transport = transport();
        assertThat(broker().exists(transport.replyQueue())).isTrue();

        transport.close();

        assertThat(broker().exists(transport.replyQueue())).isFalse();
    }

    @Test
    void failsWhatIsUnconfirmedWhenItIsClosed() throws Exception {
        var transport = transport();
        broker().freeze();
        try {
            var confirmed = transport.publish(queue, task("1"), null, SOON);

            transport.close();

            assertThatThrownBy(() -> confirmed.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(PublishException.class);
        } finally {
            broker().thaw();
        }
    }
}
