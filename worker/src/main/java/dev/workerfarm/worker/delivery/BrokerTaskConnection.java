package dev.workerfarm.worker.delivery;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Consumer;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.broker.Dialect;
import dev.workerfarm.broker.PresentConnection;
import dev.workerfarm.broker.SupervisedConnection;
import dev.workerfarm.broker.Topology;
import dev.workerfarm.worker.config.ConsumerTimeout;
import java.io.IOException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A real connection. */
public record BrokerTaskConnection(SupervisedConnection.OpenConnection connection, Topology topology)
        implements TaskConnection {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerTaskConnection.class);

    @Override
    public void declare() throws IOException {
        var channel = connection.openChannel();
        topology.declare(channel, connection.dialect());
        channel.abort();
    }

    @Override
    public ConsumerTimeout.Means means(ConsumerTimeout timeout) {
        return timeout.means(connection.dialect(), connection.serverProperty("version"));
    }

    @Override
    public void checkChannels(int needed, int wanted) throws IOException {
        connection.requireChannels(needed, "this process, with a channel for each queue and one for control messages,");
        if (connection.channelMax() < wanted) {
            LOG.warn(
                    "the broker allows few channels on a connection (channel_max), so at times a queue is not consumed"
                            + " and a long task not handed over channelMax={} needed={}",
                    connection.channelMax(),
                    wanted);
        }
    }

    @Override
    public TaskChannel openChannel() throws IOException {
        return new BrokerTaskChannel(connection, connection.openChannel());
    }

    @Override
    public TaskChannel openProbe() throws IOException {
        return new BrokerTaskChannel(connection, connection.openProbe());
    }

    @Override
    public boolean mayOthersBeIdle(String queue, int consumers, int held) throws IOException {
        var found = PresentConnection.find(connection, queue);
        if (found == null) {
            return false;
        }
        var others = found.getConsumerCount() - consumers;
        // Broker-J counts messages that are held too: where there are fewer of them than consumers, one of these has
        // none.
        return connection.dialect() == Dialect.BROKER_J
                ? found.getMessageCount() - held < others
                : found.getMessageCount() == 0 && others > 0;
    }

    @Override
    public void reopen() {
        connection.reopen();
    }

    private static final class BrokerTaskChannel implements TaskChannel {
        private final SupervisedConnection.OpenConnection connection;
        private final Channel channel;
        private volatile String consumerTag = "";

        BrokerTaskChannel(SupervisedConnection.OpenConnection connection, Channel channel) {
            this.connection = connection;
            this.channel = channel;
        }

        @Override
        public void declareCopies(String copies, String origin) throws IOException {
            Topology.declareRunning(channel, copies, origin);
        }

        @Override
        public void consume(String queue, int prefetch, Map<String, Object> arguments, Consumer consumer)
                throws IOException {
            if (prefetch > 0) {
                channel.basicQos(prefetch);
            }
            consumerTag = channel.basicConsume(queue, false, arguments, consumer);
        }

        @Override
        public void watch() {
            connection.watched(channel);
        }

        @Override
        public boolean hasRefused(IOException failure) {
            return !channel.isOpen()
                    && failure.getCause() instanceof ShutdownSignalException signal
                    && !signal.isHardError();
        }

        @Override
        public void cancel() throws IOException {
            channel.basicCancel(consumerTag);
        }

        @Override
        public void ack(long tag, boolean multiple) throws IOException {
            channel.basicAck(tag, multiple);
        }

        @Override
        public void giveBack(long tag) throws IOException {
            channel.basicNack(tag, false, true);
        }

        @Override
        public void close() {
            try {
                channel.abort();
            } catch (IOException | ShutdownSignalException e) {
                LOG.debug("the channel is already closed reason={}", e.toString());
            }
        }
    }
}
