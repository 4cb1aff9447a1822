package dev.workerfarm.pool.transport;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.broker.ConfirmedPublisher;
import dev.workerfarm.broker.PresentConnection;
import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.broker.SupervisedConnection;
import dev.workerfarm.broker.SupervisedConnection.OpenConnection;
import dev.workerfarm.broker.Topology;
import dev.workerfarm.broker.Topology.QueueHome;
import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.error.BrokerUnreachableException;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.status.StatusClient;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.ResultCodec;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The transport over RabbitMQ: one connection publishes, the other declares and consumes the reply queue. */
public final class BrokerTransport implements Transport, SupervisedConnection.Session {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerTransport.class);
    private static final String REPLIES = "workerfarm-replies";

    private static final Duration ANSWER = Duration.ofSeconds(2);
    private final BrokerAddress broker;
    private final QueueNames names;
    private final String control;
    private final String replies;
    private final ReplyConsumer consumer;
    private final Topology topology;
    private final Listener listener;
    private final ConfirmedPublisher publisher;
    private final SupervisedConnection consuming;

    @GuardedBy("this")
    private @Nullable OpenConnection current;

    /** When the connection was lost, by System.nanoTime; 0: it is there. */
    private volatile long awaySince;

    /** @throws dev.workerfarm.error.BrokerUnreachableException if the broker is not there */
    public BrokerTransport(BrokerAddress broker, QueueNames names, Listener listener) {
        var id = UUID.randomUUID().toString();
        this.broker = broker;
        this.names = names;
        this.control = names.control();
        this.replies = names.replies(id);
        this.topology = new Topology(names, List.of());
        this.listener = listener;
        this.consumer = new ReplyConsumer(replies, this::receive, listener);
        this.publisher = new ConfirmedPublisher(
                broker, "producer " + id + " publishing", topology, WINDOW, fault -> listener.died("publisher", fault));
        try {
            this.consuming = SupervisedConnection.open(broker, "producer " + id + " consuming", this);
        } catch (RuntimeException e) {
            publisher.close();
            throw e;
        }
    }

    @Override
    public String replyQueue() {
        return replies;
    }

    @Override
    public void declare(String queue) {
        topology.declareLater(queue);
    }

    @Override
    public CompletableFuture<Void> publish(
            String queue, EncodedMessage message, @Nullable Instant due, Duration timeout) {
        return due == null
                ? publisher.publish(queue, message, true, timeout)
                : publisher.publishLater(queue, message, due, timeout);
    }

    @Override
    public CompletableFuture<Void> broadcast(EncodedMessage message) {
        return publisher.broadcast(control, message, Duration.ZERO);
    }

    @Override
    public int unconfirmed() {
        return publisher.unconfirmed();
    }

    @Override
    public boolean isConnected() {
        return current() != null;
    }

    private synchronized @Nullable OpenConnection current() {
        return current;
    }

    @Override
    public boolean isFull(String queue) {
        return publisher.isFull(queue);
    }

    @Override
    public @Nullable String trouble(String queue, boolean taken) throws InterruptedException {
        var since = awaySince;
        if (since != 0) {
            var seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - since);
            return "the broker at " + broker.hostList() + " is away for " + seconds + " s";
        }
        if (!taken) {
            return isFull(queue)
                    ? queue + " takes no messages: it is full, or its node or a majority of its nodes is away"
                    : "the broker at " + broker.hostList() + " takes no messages (memory or disk alarm)";
        }
        consumer.lookSoon();
        var node = downNode(queue);
        if (node != null) {
            return "the broker's node " + node + ", which has " + queue + ", is down";
        }
        return consumers(queue) > 0 || hasWorker(queue) ? null : "no worker consumes " + queue;
    }

    private @Nullable String downNode(String queue) {
        var connection = current();
        try {
            return connection == null ? null : QueueHome.of(connection, queue).downNode();
        } catch (IOException | ShutdownSignalException e) {
            LOG.debug("queue not looked for queue={} reason={}", queue, e.toString());
            return null;
        }
    }

    /** Asks the workers: one in a long task is no consumer. */
    private boolean hasWorker(String queue) throws InterruptedException {
        try (var client = StatusClient.connect(broker, names, null)) {
            return client.hasWorker(queue, ANSWER);
        } catch (BrokerUnreachableException e) {
            LOG.debug("workers not asked reason={}", e.getMessage());
            return false;
        }
    }

    @Override
    public synchronized int consumers(String queue) {
        if (current == null) {
            return 0;
        }
        try {
            var found = PresentConnection.find(current, queue);
            return found == null ? 0 : found.getConsumerCount();
        } catch (IOException | ShutdownSignalException e) {
            LOG.debug("consumers not counted queue={} reason={}", queue, e.toString());
            return 0;
        }
    }

    @Override
    public void close() {
        publisher.close();
        consumer.delete();
        consuming.close();
    }

    @Override
    public void opened(OpenConnection opened) throws IOException {
        consumer.opened(opened);
        synchronized (this) {
            this.current = opened;
        }
        awaySince = 0;
    }

    @Override
    public void lost() {
        consumer.lost();
        synchronized (this) {
            current = null;
        }
        awaySince = System.nanoTime();
    }

    /** On amqp-client's dispatch thread, which would close the channel after an exception: no reply would come any more. */
    private void receive(ReplyAcks acks, Delivery reply) {
        try {
            take(reply);
            acks.taken(reply);
        } catch (Throwable fault) { // an Error too: whoever waits for a result would wait for ever
            LOG.error("unexpected fault, the loop and its pool end loop={}", REPLIES, fault);
            listener.died(REPLIES, fault);
        }
    }

    private void take(Delivery reply) {
        try {
            var result = ResultCodec.decode(reply.getProperties(), reply.getBody());
            if (result.outcome() != null) {
                listener.answered(result.taskId(), result.outcome());
            }
        } catch (DecodeException e) {
            var id = reply.getProperties().getCorrelationId();
            LOG.warn("not a result that can be read correlationId={} reason={}", id, e.getMessage());
            if (id != null) {
                listener.unreadable(id, String.valueOf(e.getMessage()));
            }
        }
    }
}
