package dev.workerfarm.worker.control;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.broker.SupervisedConnection;
import dev.workerfarm.broker.Topology;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.wire.control.ControlCodec;
import dev.workerfarm.wire.control.ControlMessage;
import dev.workerfarm.wire.control.ControlMessage.Revoke.Running;
import dev.workerfarm.worker.run.Gate;
import dev.workerfarm.worker.run.Revocations;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Consumes the control messages to all worker processes: remembers revocations, and hands on requests for a status. */
public final class ControlConsumer {
    private static final Logger LOG = LoggerFactory.getLogger(ControlConsumer.class);

    /** Without a bound the broker would send all control messages as fast as the connection takes them. */
    private static final int PREFETCH = 1;

    private final Topology topology;
    private final Revocations revocations;
    private final Consumer<List<Gate>> killWanted;
    private final Consumer<String> statusWanted;
    private volatile @Nullable Bound bound;

    private record Bound(SupervisedConnection.OpenConnection connection, String queue) {}

    /** @param killWanted takes calls that shall end, were interrupted, and have not ended yet */
    public ControlConsumer(
            Topology topology,
            Revocations revocations,
            Consumer<List<Gate>> killWanted,
            Consumer<String> statusWanted) {
        this.topology = topology;
        this.killWanted = killWanted;
        this.revocations = revocations;
        this.statusWanted = statusWanted;
    }

    /** Subscribes on a new connection. */
    public void subscribe(SupervisedConnection.OpenConnection connection) throws IOException {
        var channel = connection.openChannel();
        var queue = topology.declareControl(channel);
        channel.basicQos(PREFETCH);
        // A cancel by the broker says that the queue was deleted: declare it again.
        channel.basicConsume(queue, false, (tag, control) -> take(channel, control), tag -> connection.reopen());
        bound = new Bound(connection, queue);
    }

    /** Binds the queue again, to be called periodically: the broker does not say that the exchange, and with it the binding, was deleted. */
    public void bindAgain() {
        var last = bound;
        if (last == null) {
            return;
        }
        try {
            var channel = last.connection.openProbe();
            try {
                topology.bindControl(channel, last.queue);
            } finally {
                channel.abort();
            }
        } catch (IOException | ShutdownSignalException e) {
            LOG.debug("not bound again, the next connection is reason={}", e.toString());
        }
    }

    /** Runs on amqp-client's dispatch thread. */
    private void take(Channel channel, Delivery control) throws IOException {
        var properties = control.getProperties();
        try {
            var message = ControlCodec.decode(properties, control.getBody());
            if (message instanceof ControlMessage.Revoke revoke) {
                revoke(revoke);
            } else if (properties.getReplyTo() != null) {
                statusWanted.accept(properties.getReplyTo());
            }
        } catch (DecodeException e) {
            LOG.debug("not a control message, ignored reason={}", e.getMessage());
        }
        channel.basicAck(control.getEnvelope().getDeliveryTag(), false);
    }

    private void revoke(ControlMessage.Revoke revoke) {
        LOG.debug("revoked count={}", revoke.ids().size());
        revocations.add(revoke.ids());
        if (revoke.running() == Running.GOES_ON) {
            return;
        }
        var interrupted = revocations.interrupt(revoke.ids());
        if (revoke.running() == Running.IS_KILLED && !interrupted.isEmpty()) {
            killWanted.accept(interrupted);
        }
    }
}
