package dev.workerfarm.pool.transport;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.broker.SupervisedConnection;
import dev.workerfarm.broker.SupervisedConnection.OpenConnection;
import dev.workerfarm.broker.Topology;
import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.wire.ResultCodec;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A producer's consuming connection: its reply queue, declared and consumed on each connection anew, and questions about
 * other queues. Owned by the {@link BrokerTransport}; threads may share it.
 */
final class Replies implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Replies.class);
    private static final int PREFETCH = 512;
    private static final String LOOP = "workerfarm-replies";

    private final String queue;
    private final Transport.Listener listener;
    private final Session session = new Session();
    private final SupervisedConnection connection;

    private Replies(BrokerAddress broker, String name, String queue, Transport.Listener listener) {
        this.queue = queue;
        this.listener = listener;
        this.connection = SupervisedConnection.open(broker, name, session);
    }

    /**
     * Connects and declares the queue.
     *
     * @param name shown in RabbitMQ's management UI
     * @throws dev.workerfarm.error.BrokerUnreachableException if the broker is not there
     */
    static Replies open(BrokerAddress broker, String name, String queue, Transport.Listener listener) {
        return new Replies(broker, name, queue, listener);
    }

    /** The literal name of the reply queue. */
    String queue() {
        return queue;
    }

    /**
     * How many consumers a queue has.
     *
     * @return 0 too where there is no such queue, or the broker is away for the moment
     */
    int consumers(String other) {
        return session.consumers(other);
    }

    /** Deletes the queue and closes. */
    @Override
    public void close() {
        session.deleteQueue();
        connection.close();
    }

    private final class Session implements SupervisedConnection.Session {
        @GuardedBy("this")
        private @Nullable OpenConnection current;

        @GuardedBy("this")
        private boolean seen;

        @Override
        public synchronized void opened(OpenConnection opened) throws IOException {
            this.current = opened;
            var channel = opened.openChannel();
            var gone = seen && !Topology.exists(channel, queue);
            Topology.declareReplies(channel, opened.dialect(), queue);
            channel.basicQos(PREFETCH);
            channel.basicConsume(queue, false, new Receiver(channel, opened));
            seen = true;
            if (gone) {
                listener.lost();
            }
        }

        @Override
        public synchronized void lost() {
            current = null;
        }

        synchronized int consumers(String other) {
            var connected = current;
            if (connected == null) {
                return 0;
            }
            try {
                var channel = connected.openProbe();
                try {
                    return channel.queueDeclarePassive(other).getConsumerCount();
                } finally {
                    channel.abort();
                }
            } catch (IOException | ShutdownSignalException e) {
                LOG.debug("consumers not counted queue={} reason={}", other, e.toString());
                return 0;
            }
        }

        synchronized void deleteQueue() {
            var connected = current;
            if (connected == null) {
                return; // it expires by itself
            }
            try {
                connected.openChannel().queueDelete(queue);
            } catch (IOException | ShutdownSignalException e) {
                LOG.debug("reply queue not deleted, it expires by itself reason={}", e.toString());
            }
        }
    }

    /**
     * Runs on amqp-client's dispatch thread. An exception that left it would make amqp-client close the channel as if we had
     * asked for that, and no reply would come any more.
     */
    private final class Receiver extends DefaultConsumer {
        private final OpenConnection opened;

        Receiver(Channel channel, OpenConnection opened) {
            super(channel);
            this.opened = opened;
        }

        @Override
        public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
            try {
                take(properties, body);
                getChannel().basicAck(envelope.getDeliveryTag(), false);
            } catch (IOException | ShutdownSignalException e) {
                LOG.debug("reply not acked, it comes again and is dropped reason={}", e.toString());
            } catch (Throwable fault) { // an Error too: whoever waits for a result would wait for ever
                LOG.error("unexpected fault, the loop and its pool end loop={}", LOOP, fault);
                listener.died(LOOP, fault);
            }
        }

        private void take(AMQP.BasicProperties properties, byte[] body) {
            try {
                var result = ResultCodec.decode(properties, body);
                if (result.outcome() != null) {
                    listener.answered(result.taskId(), result.outcome());
                }
            } catch (DecodeException e) {
                LOG.warn(
                        "not a result, dropped correlationId={} reason={}",
                        properties.getCorrelationId(),
                        e.getMessage());
            }
        }

        @Override
        public void handleCancel(String tag) {
            opened.reopen(); // the queue was deleted under us: declare it again
        }
    }
}
