package dev.workerfarm.worker;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import dev.workerfarm.broker.SupervisedConnection;
import dev.workerfarm.broker.Topology;
import dev.workerfarm.error.DecodeException;
import dev.workerfarm.message.ControlCodec;
import dev.workerfarm.message.ControlMessage;
import java.io.IOException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears what is said to every worker process, on each connection anew: remembers revocations, and hands on the name of
 * the queue where this process's status is wanted.
 */
final class ControlConsumer {
    private static final Logger LOG = LoggerFactory.getLogger(ControlConsumer.class);

    private final Topology topology;
    private final Revocations revocations;
    private final Consumer<String> statusWanted;

    ControlConsumer(Topology topology, Revocations revocations, Consumer<String> statusWanted) {
        this.topology = topology;
        this.revocations = revocations;
        this.statusWanted = statusWanted;
    }

    /** Subscribes on a new connection. */
    void subscribe(SupervisedConnection.OpenConnection connection) throws IOException {
        var channel = connection.openChannel();
        var queue = topology.declareControl(channel);
        channel.basicConsume(queue, true, new Receiver(channel));
    }

    /** Runs on amqp-client's dispatch thread. */
    private final class Receiver extends DefaultConsumer {
        Receiver(Channel channel) {
            super(channel);
        }

        @Override
        public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
            try {
                var message = ControlCodec.decode(properties, body);
                if (message instanceof ControlMessage.Revoke revoke) {
                    LOG.debug("revoked count={}", revoke.ids().size());
                    revocations.add(revoke.ids());
                } else if (properties.getReplyTo() != null) {
                    statusWanted.accept(properties.getReplyTo());
                }
            } catch (DecodeException e) {
                LOG.debug("not a control message, ignored reason={}", e.getMessage());
            }
        }
    }
}
