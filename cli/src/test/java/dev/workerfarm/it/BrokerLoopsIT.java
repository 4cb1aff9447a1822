package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import dev.workerfarm.broker.ConfirmedPublisher;
import dev.workerfarm.broker.SupervisedConnection;
import dev.workerfarm.broker.SupervisedConnection.OpenConnection;
import dev.workerfarm.broker.Topology;
import dev.workerfarm.error.PublishException;
import dev.workerfarm.testkit.TestFarm;
import dev.workerfarm.wire.EncodedMessage;
import java.io.IOException;
import java.time.Duration;
import java.util.AbstractMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What follows a fault in each loop that talks to the broker. The supervisor and the consumers go on, with another
 * connection; the publisher's writer ends, all pending messages fail by name, and its owner is called. A stray interrupt
 * changes nothing.
 */
@Timeout(60)
class BrokerLoopsIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    /** What goes wrong. */
    enum Fault {
        EXCEPTION,
        ERROR,
        INTERRUPT;

        void strike() {
            switch (this) {
                case EXCEPTION -> throw new IllegalStateException("on purpose");
                case ERROR -> throw new StackOverflowError("on purpose");
                case INTERRUPT -> Thread.currentThread().interrupt();
            }
        }
    }

    private static TestFarm farm;

    @BeforeAll
    static void start() {
        farm = TestFarm.onSharedServices(BrokerLoopsIT.class);
    }

    @AfterAll
    static void stop() {
        farm.close();
    }

    /** A session whose calls strike while a fault is set for them. */
    private static final class Session implements SupervisedConnection.Session {
        private final AtomicInteger opened = new AtomicInteger();
        private final AtomicInteger lost = new AtomicInteger();
        private final BlockingQueue<OpenConnection> open = new LinkedBlockingQueue<>();
        private final Fault fault;
        private final int faultyOpening;
        private final int faultyLoss;

        Session(Fault fault, int faultyOpening, int faultyLoss) {
            this.fault = fault;
            this.faultyOpening = faultyOpening;
            this.faultyLoss = faultyLoss;
        }

        @Override
        public void opened(OpenConnection connection) throws IOException {
            if (opened.incrementAndGet() == faultyOpening) {
                fault.strike();
            }
            connection.openChannel();
            open.add(connection);
        }

        @Override
        public void lost() {
            if (lost.incrementAndGet() == faultyLoss) {
                fault.strike();
            }
        }

        OpenConnection next() throws InterruptedException {
            var next = open.poll(SOON.toSeconds(), TimeUnit.SECONDS);
            assertThat(next).as("another connection").isNotNull();
            return next;
        }
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void aFaultWhileASessionOpensLeadsToAnotherConnection(Fault fault) throws Exception {
        reopensTwice(new Session(fault, 2, 0));
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void aFaultInTheCallAfterALossLeadsToAnotherConnection(Fault fault) throws Exception {
        reopensTwice(new Session(fault, 0, 1));
    }

    private static void reopensTwice(Session session) throws InterruptedException {
        try (var connection = SupervisedConnection.open(farm.broker(), "loops", session)) {
            session.next().reopen();
            session.next().reopen();
            session.next();

            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(connection.reconnects()).isEqualTo(2));
            assertThat(session.lost).hasValue(2);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"EXCEPTION", "ERROR"})
    void aFaultInTheFirstOpeningIsTheCallers(Fault fault) {
        var session = new Session(fault, 1, 0);

        assertThatThrownBy(() -> SupervisedConnection.open(farm.broker(), "loops", session))
                .hasMessage("on purpose");
        assertThat(threads("workerfarm-connection-loops")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void aFaultInAConsumerLeadsToAnotherConnectionAndToARedelivery(Fault fault) throws Exception {
        var deliveries = new LinkedBlockingQueue<Boolean>();
        var queue = farm.tasks() + ".consumer." + fault;
        try (var supervised = SupervisedConnection.open(farm.broker(), "consuming", connection -> {
            var channel = connection.openChannel();
            channel.queueDeclare(queue, true, false, false, Map.of());
            channel.basicConsume(queue, false, new Striking(channel, fault, deliveries));
        })) {
            farm.publish(queue, new AMQP.BasicProperties(), TestFarm.bytes("{}"));

            assertThat(deliveries.poll(SOON.toSeconds(), TimeUnit.SECONDS)).isFalse();
            if (fault != Fault.INTERRUPT) {
                assertThat(deliveries.poll(SOON.toSeconds(), TimeUnit.SECONDS))
                        .as("redelivered")
                        .isTrue();
            }
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(farm.waiting(queue)).isZero());
            assertThat(supervised.reconnects()).isEqualTo(fault == Fault.INTERRUPT ? 0 : 1);
        }
        farm.onBroker(channel -> channel.queueDelete(queue));
    }

    /** Strikes at a first delivery; acks. */
    private static final class Striking extends DefaultConsumer {
        private final Fault fault;
        private final BlockingQueue<Boolean> deliveries;

        Striking(Channel channel, Fault fault, BlockingQueue<Boolean> deliveries) {
            super(channel);
            this.fault = fault;
            this.deliveries = deliveries;
        }

        @Override
        public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
                throws IOException {
            deliveries.add(envelope.isRedeliver());
            if (!envelope.isRedeliver()) {
                fault.strike();
            }
            getChannel().basicAck(envelope.getDeliveryTag(), false);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"EXCEPTION", "ERROR"})
    void aFaultEndsThePublisherAndFailsWhatIsPendingByName(Fault fault) throws Exception {
        var deaths = new CopyOnWriteArrayList<Throwable>();
        try (var publisher = publisher(deaths)) {
            var bad = new Trap(fault);
            var confirmed = new CopyOnWriteArrayList<CompletableFuture<Void>>();
            var message = new EncodedMessage(
                    new AMQP.BasicProperties.Builder()
                            .correlationId("bad")
                            .headers(Map.of("trap", bad))
                            .build(),
                    TestFarm.bytes("{}"));
            bad.armed = true;
            confirmed.add(publisher.publish(farm.tasks(), message, true, SOON));
            confirmed.add(publisher.publish(farm.tasks(), good(), true, SOON));

            for (var each : confirmed) {
                assertThatThrownBy(() -> each.get(SOON.toSeconds(), TimeUnit.SECONDS))
                        .hasCauseInstanceOf(PublishException.class)
                        .hasMessageContainingAll("has ended after an unexpected fault", "on purpose");
            }
            await().atMost(SOON).untilAsserted(() -> assertThat(deaths).hasSize(1));
            assertThatThrownBy(() ->
                            publisher.publish(farm.tasks(), good(), true, SOON).get(SOON.toSeconds(), TimeUnit.SECONDS))
                    .hasCauseInstanceOf(PublishException.class)
                    .hasMessageContaining("has ended after an unexpected fault");
            assertThat(publisher.flush(SOON)).as("nothing is pending").isTrue();
        }
    }

    @Test
    void aStrayInterruptDoesNotEndThePublisher() throws Exception {
        var deaths = new CopyOnWriteArrayList<Throwable>();
        try (var publisher = publisher(deaths)) {
            for (int i = 0; i < 3; i++) {
                threads("workerfarm-publisher-loops").forEach(Thread::interrupt);
                assertThat(publisher.publish(farm.tasks(), good(), true, SOON)).succeedsWithin(SOON);
            }
        }
        assertThat(deaths).isEmpty();
        assertThat(threads("workerfarm-publisher-loops")).isEmpty();
    }

    @Test
    void aStrayInterruptDoesNotEndTheSupervisor() throws Exception {
        var session = new Session(Fault.INTERRUPT, 0, 0);
        try (var supervised = SupervisedConnection.open(farm.broker(), "loops", session)) {
            var connection = session.next();
            threads("workerfarm-connection-loops").forEach(Thread::interrupt);

            connection.reopen();

            session.next();
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(supervised.reconnects()).isOne());
        }
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(threads("workerfarm-connection-loops")).isEmpty());
    }

    /** A table within headers that can be counted, and throws once the trap is armed. */
    private static final class Trap extends AbstractMap<String, Object> {
        private final Map<String, Object> headers = new HashMap<>();
        private final Fault fault;
        private volatile boolean armed;

        Trap(Fault fault) {
            this.fault = fault;
        }

        @Override
        public Set<Entry<String, Object>> entrySet() {
            if (armed) {
                fault.strike();
            }
            return headers.entrySet();
        }
    }

    private static ConfirmedPublisher publisher(List<Throwable> deaths) {
        var topology = new Topology(farm.names(), List.of());
        return new ConfirmedPublisher(farm.broker(), "loops", topology, 10, deaths::add);
    }

    private static EncodedMessage good() {
        return new EncodedMessage(
                new AMQP.BasicProperties.Builder().correlationId("good").build(), TestFarm.bytes("{}"));
    }

    private static List<Thread> threads(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name))
                .toList();
    }
}
