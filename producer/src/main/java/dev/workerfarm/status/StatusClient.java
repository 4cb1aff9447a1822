package dev.workerfarm.status;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.broker.PresentConnection;
import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.broker.SupervisedConnection;
import dev.workerfarm.broker.Topology;
import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.config.Durations;
import dev.workerfarm.error.BrokerUnreachableException;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.task.TaskQueue;
import dev.workerfarm.wire.control.ControlCodec;
import dev.workerfarm.wire.control.ControlMessage;
import dev.workerfarm.wire.control.WorkerStatus;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a farm what it does: each worker process by a control message, the broker by passive declares (AMQP 0-9-1,
 * queue.declare), and RabbitMQ's management API where it answers. Changes nothing, and works on every broker that the farm
 * runs on. One thread at a time.
 */
public final class StatusClient implements AutoCloseable {
    /** A worker that changes its prefetch is no consumer for a moment, so the broker's count may lack it: it is waited for so long. */
    private static final Duration UNCOUNTED = Duration.ofMillis(200);

    private static final Logger LOG = LoggerFactory.getLogger(StatusClient.class);

    private final QueueNames names;
    private final Topology topology;
    private final SupervisedConnection connection;
    private final ManagementApi management;
    private final PresentConnection present = new PresentConnection();

    private StatusClient(BrokerAddress broker, QueueNames names, @Nullable URI managementUrl) {
        this.names = names;
        this.topology = new Topology(names, List.of());
        this.management = new ManagementApi(broker, managementUrl);
        this.connection = SupervisedConnection.open(broker, "status", present);
    }

    /**
     * Connects.
     *
     * @param managementUrl where RabbitMQ's management API is, such as {@code http://broker:15672}, or null: on port 15672
     *     of the broker's host, if the broker is on its own usual port and it is the same broker's
     * @throws BrokerUnreachableException if the broker is not there
     */
    public static StatusClient connect(BrokerAddress broker, QueueNames names, @Nullable URI managementUrl) {
        return new StatusClient(broker, names, managementUrl);
    }

    /**
     * Asks.
     *
     * @param wait how long to wait for workers that the broker sees; those that have answered are enough
     * @throws BrokerUnreachableException if the broker refuses us, saying why, or the connection is lost meanwhile
     */
    public FarmStatus ask(Duration wait) throws InterruptedException {
        var current = present.get();
        try {
            // The queues first: under an alarm the broker stops reading a connection that has published.
            Map<String, QueueStatus> queues = new TreeMap<>();
            for (var queue : TaskQueue.values()) {
                queues.put(names.of(queue), declared(current, names.of(queue)));
            }
            var consuming = queues.values().stream()
                    .mapToInt(queue -> queue.consumers() == null ? 0 : queue.consumers())
                    .sum();
            var dead = declared(current, names.dead());
            var workers = askWorkers(current, consuming, wait);
            for (var name : extraQueues(workers, queues.keySet())) {
                queues.put(name, declared(current, name));
            }
            List<QueueStatus> all = new ArrayList<>(queues.values());
            all.add(dead);
            var detailed = management.detail(current.serverProperty("cluster_name"), all);
            return new FarmStatus(workers, consuming, detailed == null ? all : detailed, detailed != null);
        } catch (IOException | ShutdownSignalException e) {
            var refusal = refusal(e);
            throw new BrokerUnreachableException(
                    refusal == null
                            ? "the connection to the broker was lost"
                            : "the broker refuses it (" + refusal.getReplyText()
                                    + "): the user needs the permissions of a producer",
                    e);
        }
    }

    /** Why the broker closed our channel, or null: it did not. */
    private static AMQP.Channel.@Nullable Close refusal(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof ShutdownSignalException signal
                    && signal.getReason() instanceof AMQP.Channel.Close close) {
                return close;
            }
        }
        return null;
    }

    private static Set<String> extraQueues(List<WorkerStatus> workers, Set<String> known) {
        Set<String> extra = new LinkedHashSet<>();
        workers.forEach(worker -> extra.addAll(worker.queues()));
        extra.removeAll(known);
        return extra;
    }

    private static QueueStatus declared(SupervisedConnection.OpenConnection connection, String queue)
            throws IOException {
        var probe = connection.openProbe();
        try {
            var there = probe.queueDeclarePassive(queue);
            return new QueueStatus(queue, (long) there.getMessageCount(), null, there.getConsumerCount(), null, null);
        } catch (IOException e) {
            var refusal = refusal(e);
            if (refusal == null || refusal.getReplyCode() != AMQP.NOT_FOUND) {
                throw e;
            }
            LOG.debug("no such queue queue={} reason={}", queue, e.toString());
            return new QueueStatus(queue, null, null, null, null, null);
        } finally {
            probe.abort();
        }
    }

    private List<WorkerStatus> askWorkers(SupervisedConnection.OpenConnection connection, int expected, Duration wait)
            throws IOException, InterruptedException {
        var channel = connection.openProbe();
        BlockingQueue<WorkerStatus> answers = new LinkedBlockingQueue<>();
        List<WorkerStatus> workers = new ArrayList<>();
        try {
            var replies = topology.declareControl(channel);
            channel.basicConsume(replies, true, new Receiver(channel, answers));
            var question = ControlCodec.encode(new ControlMessage.Status(), replies);
            channel.basicPublish(names.control(), "", question.properties(), question.body());
            var deadline = System.nanoTime() + Durations.nanos(wait);
            while (true) {
                var left = deadline - System.nanoTime();
                var answer = answers.poll(
                        workers.size() < expected ? left : Math.min(left, UNCOUNTED.toNanos()), TimeUnit.NANOSECONDS);
                if (answer == null) {
                    break;
                }
                workers.add(answer);
            }
        } finally {
            channel.abort();
        }
        workers.sort(Comparator.comparing(WorkerStatus::host).thenComparing(WorkerStatus::worker));
        return workers;
    }

    @Override
    public void close() {
        connection.close();
    }

    /** Runs on amqp-client's dispatch thread. Its own question comes back on the same queue, and is no status. */
    private static final class Receiver extends DefaultConsumer {
        private final BlockingQueue<WorkerStatus> answers;

        Receiver(Channel channel, BlockingQueue<WorkerStatus> answers) {
            super(channel);
            this.answers = answers;
        }

        @Override
        public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
            try {
                answers.add(ControlCodec.decodeStatus(properties, body));
            } catch (DecodeException e) {
                LOG.debug("not a status, ignored reason={}", e.getMessage());
            }
        }
    }
}
