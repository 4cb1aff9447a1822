package dev.workerfarm.status;

import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.broker.PresentConnection;
import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.broker.SupervisedConnection.OpenConnection;
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
import java.util.HashSet;
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
    private final ManagementApi management;
    private final PresentConnection connection;

    private StatusClient(BrokerAddress broker, QueueNames names, @Nullable URI managementUrl) {
        this.names = names;
        this.topology = new Topology(names, List.of());
        this.management = new ManagementApi(broker, managementUrl, ManagementApi.USUAL_PORT);
        this.connection = new PresentConnection(broker, "status");
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
        var current = connection.get();
        try {
            // The queues first: under an alarm the broker stops reading a connection that has published.
            var queues = new Queues(current);
            for (var queue : List.of(TaskQueue.TASKS, TaskQueue.DOWNLOADS)) {
                queues.addLanes(names.of(queue));
            }
            var dead = declared(current, names.dead());
            var workers = askWorkers(current, queues, wait);
            List<QueueStatus> all = new ArrayList<>(queues.found.values());
            all.add(dead);
            var detailed = management.detail(current.serverProperty("cluster_name"), all);
            return new FarmStatus(workers, queues.consuming, detailed == null ? all : detailed, detailed != null);
        } catch (IOException | ShutdownSignalException e) {
            throw PresentConnection.unreachable(
                    e, "the connection to the broker was lost", "the permissions of a producer");
        }
    }

    private static final class Queues {
        private final OpenConnection connection;
        private final Map<String, QueueStatus> found = new TreeMap<>();
        private final Set<String> lanes = new HashSet<>();
        /** How many processes consume the queues of lanes: each process consumes one of these. */
        private int consuming;

        Queues(OpenConnection connection) {
            this.connection = connection;
        }

        void add(WorkerStatus worker) throws IOException {
            if (!worker.queues().isEmpty()) {
                addLanes(worker.queues().get(0));
            }
            for (var queue : worker.queues()) {
                add(queue);
            }
        }

        void addLanes(String queue) throws IOException {
            if (lanes.add(queue)) {
                var consumers = add(queue).consumers();
                consuming += consumers == null ? 0 : consumers;
            }
        }

        private QueueStatus add(String queue) throws IOException {
            var known = found.get(queue);
            if (known == null) {
                known = declared(connection, queue);
                found.put(queue, known);
            }
            return known;
        }
    }

    private static QueueStatus declared(OpenConnection connection, String queue) throws IOException {
        var found = PresentConnection.find(connection, queue);
        return found == null
                ? new QueueStatus(queue, null, null, null, null, null)
                : new QueueStatus(queue, (long) found.getMessageCount(), null, found.getConsumerCount(), null, null);
    }

    private List<WorkerStatus> askWorkers(OpenConnection connection, Queues queues, Duration wait)
            throws IOException, InterruptedException {
        var channel = connection.openProbe();
        BlockingQueue<WorkerStatus> answers = new LinkedBlockingQueue<>();
        List<WorkerStatus> workers = new ArrayList<>();
        try {
            var replies = topology.declareControl(channel);
            channel.basicConsume(replies, true, (tag, delivery) -> take(delivery, answers), tag -> {});
            var question = ControlCodec.encode(new ControlMessage.Status(), replies);
            channel.basicPublish(names.control(), "", question.properties(), question.body());
            var deadline = System.nanoTime() + Durations.nanos(wait);
            while (true) {
                var left = deadline - System.nanoTime();
                var enough = workers.size() >= queues.consuming;
                var answer = answers.poll(enough ? Math.min(left, UNCOUNTED.toNanos()) : left, TimeUnit.NANOSECONDS);
                if (answer == null) {
                    break;
                }
                workers.add(answer);
                queues.add(answer);
            }
        } finally {
            channel.abort();
        }
        workers.sort(Comparator.comparing(WorkerStatus::host).thenComparing(WorkerStatus::worker));
        return workers;
    }

    /** On amqp-client's dispatch thread. The question comes back on the same queue too, and is no status. */
    private static void take(Delivery delivery, BlockingQueue<WorkerStatus> answers) {
        try {
            answers.add(ControlCodec.decodeStatus(delivery.getProperties(), delivery.getBody()));
        } catch (DecodeException e) {
            LOG.debug("not a status, ignored reason={}", e.getMessage());
        }
    }

    @Override
    public void close() {
        connection.close();
    }
}
