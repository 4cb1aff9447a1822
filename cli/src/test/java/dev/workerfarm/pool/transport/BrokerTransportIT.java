package dev.workerfarm.pool.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.error.PublishException;
import dev.workerfarm.lab.node.PrivateRabbitMq;
import dev.workerfarm.lab.node.RabbitMqNode;
import dev.workerfarm.testkit.Services;
import dev.workerfarm.testkit.TestFarm;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The transport's contract on a RabbitMQ of its own. */
class BrokerTransportIT extends TransportContract {
    private static final EncodedMessage MESSAGE = new EncodedMessage(new AMQP.BasicProperties(), TestFarm.bytes("{}"));

    private static RabbitMqNode node;
    private static TestFarm farm;

    private final NodeBroker broker = new NodeBroker();

    @BeforeAll
    static void start() {
        assumeTrue(PrivateRabbitMq.isInstalled(), "no rabbitmq-server installed, so there is none to be frozen");
        node = Services.ownRabbitMq();
        farm = TestFarm.on(node.url(), "redis://127.0.0.1:1", BrokerTransportIT.class);
    }

    @AfterAll
    static void stop() {
        if (node != null) {
            node.close();
        }
    }

    @AfterEach
    void stopConsuming() throws IOException {
        broker.close();
    }

    @Override
    Broker broker() {
        return broker;
    }

    @Override
    Transport open(Transport.Listener listener) {
        return new BrokerTransport(farm.broker(), farm.names(), listener);
    }

    @Test
    void aRefusedDeclarationFailsItsMessagesAndNoOthers() throws Exception {
        var queue = "after-a-refusal";
        broker.declare(queue);
        try (var transport = open(new Deaf())) {
            transport.declare("amq.reserved"); // AMQP 0-9-1, queue.declare: names that begin so are the broker's
            var refused = transport.publish("amq.reserved", MESSAGE, null, Duration.ofSeconds(20));
            var taken = transport.publish(queue, MESSAGE, null, Duration.ofSeconds(20));

            assertThatThrownBy(() -> refused.get(20, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(PublishException.class)
                    .hasMessageContaining("the broker refuses to declare what it needs")
                    .hasMessageContaining("ACCESS_REFUSED");
            assertThat(taken).succeedsWithin(Duration.ofSeconds(20));
        } finally {
            broker.delete(queue);
        }
    }

    private static final class Deaf implements Transport.Listener {
        @Override
        public void answered(String id, Outcome outcome) {}

        @Override
        public void lost() {}

        @Override
        public void died(String loop, Throwable fault) {}
    }

    private static final class NodeBroker implements Broker {
        private @Nullable Connection consuming;

        @Override
        public void declare(String queue) throws Exception {
            farm.onBroker(channel -> channel.queueDeclare(queue, true, false, false, Map.of()));
        }

        @Override
        public void delete(String queue) throws Exception {
            farm.onBroker(channel -> channel.queueDelete(queue));
        }

        @Override
        public boolean exists(String queue) throws Exception {
            try {
                return farm.onBroker(channel -> channel.queueDeclarePassive(queue) != null);
            } catch (IOException e) {
                if (e.getCause() instanceof ShutdownSignalException closed && !closed.isHardError()) {
                    return false; // the broker closed the channel: there is none
                }
                throw e;
            }
        }

        @Override
        public List<String> take(String queue) throws Exception {
            return farm.onBroker(channel -> {
                List<String> ids = new ArrayList<>();
                for (var got = channel.basicGet(queue, true); got != null; got = channel.basicGet(queue, true)) {
                    ids.add(got.getProps().getCorrelationId());
                }
                return ids;
            });
        }

        @Override
        public void publish(String queue, EncodedMessage message) throws Exception {
            farm.publish(queue, message.properties(), message.body());
        }

        @Override
        public void consume(String queue) throws Exception {
            var factory = new ConnectionFactory();
            factory.setUri(node.url());
            factory.setVirtualHost("/"); // which an URI that ends with / does not mean for this client
            consuming = factory.newConnection("workerfarm test");
            consuming.createChannel().basicConsume(queue, true, (tag, message) -> {}, tag -> {});
        }

        @Override
        public void freeze() {
            node.freeze();
        }

        @Override
        public void thaw() {
            node.thaw();
        }

        @Override
        public void closeConnections() {
            node.ctl("close_all_connections", "a test's");
        }

        void close() throws IOException {
            if (consuming != null) {
                consuming.close();
            }
        }
    }
}
