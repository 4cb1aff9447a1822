package dev.workerfarm.status;

import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.broker.Dialect;
import dev.workerfarm.broker.PresentConnection;
import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.broker.SupervisedConnection.OpenConnection;
import dev.workerfarm.broker.Topology;
import dev.workerfarm.broker.settings.LossySettings;
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
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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
    private @Nullable LossySettings lossy;

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
            var present = present(current, wait);
            var all = present.queues();
            var detailed = management.detail(current.serverProperty("cluster_name"), all);
            if (lossy == null) { // once: a user who may not declare the queues leaves a line in the broker's log
                var names = all.stream().map(QueueStatus::name).toList();
                lossy = LossySettings.of(current, management.client(), names);
            }
            return new FarmStatus(
                    present.workers(), present.consuming(), detailed == null ? all : detailed, detailed != null, lossy);
        } catch (IOException | ShutdownSignalException e) {
            throw lost(e);
        }
    }

    /**
     * As {@link #ask}, of the workers and the queues' messages and consumers alone, which is quicker.
     *
     * @throws BrokerUnreachableException as {@link #ask}
     */
    public FarmStatus askBriefly(Duration wait) throws InterruptedException {
        try {
            return present(connection.get(), wait);
        } catch (IOException | ShutdownSignalException e) {
            throw lost(e);
        }
    }

    /**
     * Whether there are messages whose time has not come, on RabbitMQ. (The embedded broker has them in their queues.)
     *
     * @throws BrokerUnreachableException as {@link #ask}
     */
    public boolean hasDelayed() throws InterruptedException {
        try {
            for (var queue : Topology.DELAYS) {
                var messages = declared(connection.get(), queue).ready();
                if (messages == null || messages > 0) {
                    return messages != null;
                }
            }
            return false;
        } catch (IOException | ShutdownSignalException e) {
            throw lost(e);
        }
    }

    /**
     * Asks whether there is a worker process for a queue. One that runs a long task may be no consumer of it for that time, so
     * the broker's count alone does not tell.
     *
     * @param wait how long to wait for an answer
     * @throws BrokerUnreachableException as {@link #ask}
     */
    public boolean hasWorker(String queue, Duration wait) throws InterruptedException {
        var found = new AtomicBoolean();
        try {
            askWorkers(connection.get(), wait, worker -> {
                found.compareAndSet(false, worker.queues().contains(queue));
                return found.get();
            });
        } catch (IOException | ShutdownSignalException e) {
            throw lost(e);
        }
        return found.get();
    }

    private FarmStatus present(OpenConnection current, Duration wait) throws IOException, InterruptedException {
        // The queues first: under an alarm the broker stops reading a connection that has published.
        var queues = new Queues(current);
        for (var queue : List.of(TaskQueue.TASKS, TaskQueue.DOWNLOADS)) {
            queues.addLanes(names.of(queue));
        }
        var dead = declared(current, names.dead());
        var workers = new ArrayList<WorkerStatus>();
        var isThere = askWorkers(current, wait, worker -> {
            workers.add(worker);
            queues.add(worker);
            return workers.size() >= queues.consuming;
        });
        workers.sort(Comparator.comparing(WorkerStatus::host).thenComparing(WorkerStatus::worker));
        List<QueueStatus> all = new ArrayList<>();
        for (var queue : queues.found.values()) {
            all.add(current.dialect() == Dialect.BROKER_J ? withoutHeld(queue, workers) : queue);
            addDue(current, queue.name(), all);
        }
        all.add(dead);
        return new FarmStatus(workers, Math.max(queues.consuming, isThere ? 1 : 0), all, false);
    }

    /** Retries that are due and wait, as their task queue is full or no worker may take them. */
    private static void addDue(OpenConnection current, String queue, List<QueueStatus> all) throws IOException {
        var name = Topology.due(queue);
        var due = name == null || current.dialect() == Dialect.BROKER_J ? null : declared(current, name);
        if (due != null && due.ready() != null && due.ready() > 0) {
            all.add(due);
        }
    }

    private static BrokerUnreachableException lost(Exception e) {
        return PresentConnection.unreachable(
                e, "the connection to the broker was lost", "the permissions of a producer");
    }

    /** Broker-J counts among the waiting messages those that consumers hold. */
    private static QueueStatus withoutHeld(QueueStatus queue, List<WorkerStatus> workers) {
        if (queue.ready() == null) {
            return queue;
        }
        var held = workers.stream()
                .mapToLong(worker -> worker.unacked().getOrDefault(queue.name(), 0))
                .sum();
        return new QueueStatus(queue.name(), Math.max(0, queue.ready() - held), held, queue.consumers(), null, null);
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

    /** Receives the answers; true: these are enough. */
    private interface Answers {
        boolean take(WorkerStatus answer) throws IOException;
    }

    /** Ends when no more answers come, the wait is over, or at once, with false, if no worker process is connected. */
    private boolean askWorkers(OpenConnection connection, Duration wait, Answers answers)
            throws IOException, InterruptedException {
        var channel = connection.openProbe();
        try {
            BlockingQueue<Optional<WorkerStatus>> came = new LinkedBlockingQueue<>();
            var replies = topology.declareAnswers(channel);
            channel.basicConsume(replies, true, (tag, delivery) -> take(delivery, came), tag -> {});
            channel.addReturnListener(nobody -> came.add(Optional.empty()));
            var question = ControlCodec.encode(new ControlMessage.Status(), replies);
            channel.basicPublish(names.control(), "", true, question.properties(), question.body());
            var deadline = System.nanoTime() + Durations.nanos(wait);
            var enough = false;
            while (true) {
                var left = deadline - System.nanoTime();
                var answer = came.poll(enough ? Math.min(left, UNCOUNTED.toNanos()) : left, TimeUnit.NANOSECONDS);
                if (answer == null || answer.isEmpty()) {
                    return answer == null;
                }
                enough = answers.take(answer.get());
            }
        } finally {
            channel.abort();
        }
    }

    /** On amqp-client's dispatch thread. */
    private static void take(Delivery delivery, BlockingQueue<Optional<WorkerStatus>> came) {
        try {
            came.add(Optional.of(ControlCodec.decodeStatus(delivery.getProperties(), delivery.getBody())));
        } catch (DecodeException e) {
            LOG.debug("not a status, ignored reason={}", e.getMessage());
        }
    }

    @Override
    public void close() {
        connection.close();
    }
}
