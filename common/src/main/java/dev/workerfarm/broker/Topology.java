package dev.workerfarm.broker;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.broker.SupervisedConnection.OpenConnection;
import dev.workerfarm.loop.Loop;
import dev.workerfarm.task.TaskQueue;
import dev.workerfarm.wire.task.PostponedMessage;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The queues and the exchange of a farm, declared at every connection, since a broker may have come back empty. */
public final class Topology {
    /** RabbitMQ's queues for messages whose time has not come; declared together, where delays are used. */
    public static final List<String> DELAYS = DelayedDelivery.queues();

    private static final Duration RUNNING_EXPIRES = Duration.ofHours(1);

    private final QueueNames names;
    private final Set<String> queues = new LinkedHashSet<>();
    private final Set<String> later = ConcurrentHashMap.newKeySet(); // declared before their first message

    /** @param extraQueues queues to declare besides, by their literal names: {@code FARM_QUEUES} */
    public Topology(QueueNames names, List<String> extraQueues) {
        this.names = names;
        queues.add(names.dead());
        queues.add(names.of(TaskQueue.TASKS));
        queues.add(names.of(TaskQueue.DOWNLOADS));
        queues.addAll(extraQueues);
    }

    public QueueNames names() {
        return names;
    }

    /** The queues that are declared on each connection. */
    public List<String> queues() {
        return List.copyOf(queues);
    }

    /** Declares the task queues, the dead letters and the control exchange. */
    public void declare(Channel channel, Dialect dialect) throws IOException {
        channel.exchangeDeclare(names.control(), BuiltinExchangeType.FANOUT, true);
        for (var queue : queues) {
            declare(channel, dialect, queue);
        }
    }

    /** Declares a task queue that is not there. */
    static void declare(Channel channel, Dialect dialect, String queue) throws IOException {
        // Somebody else may have declared it with other arguments (a policy's, or quorum): passive asks first.
        if (!exists(channel, queue)) {
            channel.queueDeclare(queue, true, false, false, dialect.taskQueueArguments);
            DelayedDelivery.bindAgain(channel, dialect, queue);
        }
    }

    /** Has a publisher declare this queue too, before the next message for it. Any thread. */
    public void declareLater(String queue) {
        if (!queues.contains(queue)) {
            later.add(queue);
        }
    }

    boolean declaresLater(String queue) {
        return later.contains(queue);
    }

    /** Declares a queue for control messages, which lives as long as this connection. Returns its name. */
    public String declareControl(Channel channel) throws IOException {
        var queue = declareAnswers(channel);
        bindControl(channel, queue);
        return queue;
    }

    /** Declares a queue for answers to a control message, which lives as long as this connection. Returns its name. */
    public String declareAnswers(Channel channel) throws IOException {
        channel.exchangeDeclare(names.control(), BuiltinExchangeType.FANOUT, true);
        var queue = names.control(UUID.randomUUID().toString());
        channel.queueDeclare(queue, false, true, true, Map.of());
        return queue;
    }

    /** Binds a queue of {@link #declareControl} to the control exchange, and declares this where it is gone. */
    public void bindControl(Channel channel, String queue) throws IOException {
        channel.exchangeDeclare(names.control(), BuiltinExchangeType.FANOUT, true);
        channel.queueBind(queue, names.control(), "");
    }

    /** Whether a queue is declared on each connection, at its start or later. */
    public boolean declares(String queue) {
        return queues.contains(queue) || later.contains(queue);
    }

    /** Declares a producer's reply queue: durable and not exclusive, so that it outlives a lost connection. */
    public static void declareReplies(Channel channel, Dialect dialect, String queue) throws IOException {
        channel.queueDeclare(queue, true, false, false, dialect.replyQueueArguments);
    }

    /** Declares RabbitMQ's queue for copies of long tasks' messages: what nobody holds goes back to {@code origin}. */
    public static void declareRunning(Channel channel, String queue, String origin) throws IOException {
        var arguments = passingOn(PostponedMessage.COPY_TIME_TO_LIVE, "");
        arguments.put("x-dead-letter-routing-key", origin);
        // A queue that expires drops what it has. It counts from its last consumer, and until then all has gone back.
        arguments.put("x-expires", RUNNING_EXPIRES.toMillis());
        channel.queueDeclare(queue, true, false, false, arguments);
    }

    /**
     * The queue that a worker's retries come to when they are due for {@code queue}; null: it has none, as its name would be too
     * long. RabbitMQ tries only every three minutes to hand a delayed message on to a queue that is full, and meanwhile hands on few
     * others of any queue (at-least-once dead-lettering): so this one must have no limit.
     */
    public static @Nullable String due(String queue) {
        return DelayedDelivery.due(queue);
    }

    /** Declares {@link #due}, and returns its name; null: it has none. */
    public static @Nullable String declareDue(Channel channel, String queue) throws IOException {
        var due = due(queue);
        if (due != null) {
            declare(channel, Dialect.RABBITMQ, due);
        }
        return due;
    }

    /**
     * Whether a queue exists, and whether its messages can be reached: a classic queue lives on one node of a cluster. While that
     * node is down RabbitMQ 3 returns what is published to the queue where it is mandatory, and drops it else; RabbitMQ 4 refuses it
     * by a nack, and does not answer a question about the queue for a minute. Neither answers while the node is frozen.
     *
     * @param downNode the node that has the queue and is down, or null: the queue takes messages, or does not exist
     */
    public record QueueHome(boolean exists, @Nullable String downNode) {
        private static final Logger LOG = LoggerFactory.getLogger(QueueHome.class);
        /** A question is answered in milliseconds where the queue's node is well. Waited for twice. */
        private static final long PATIENCE_MILLIS = 1_500;

        /**
         * RabbitMQ: "home node 'rabbit@b' of durable queue 'q' in vhost '/' is down or inaccessible"; and of a queue that is there,
         * "failed to perform operation on queue 'q' in vhost '/' due to timeout". Both are a "not found".
         */
        private static final Pattern HOME = Pattern.compile("home node '([^']*)'|failed to perform operation");

        private static final String UNKNOWN = "unknown";

        public boolean isDown() {
            return downNode != null;
        }

        /**
         * Asks the broker (AMQP 0-9-1, queue.declare passive), for 3 s where it answers other questions. An IOException: it does not
         * answer those, or refuses this one. Threads may share the connection.
         */
        public static QueueHome of(OpenConnection connection, String queue) throws IOException {
            var unknown = new QueueHome(true, "unknown (" + queue + " does not answer)");
            var before = connection.unanswered.get(queue);
            if (before != null && !before.isDone()) { // another question would need another channel
                return unknown;
            }
            var probe = connection.openProbe();
            var answer = probe.asyncCompletableRpc(
                    new AMQP.Queue.Declare.Builder().queue(queue).passive().build());
            try {
                if (isSilent(answer)) {
                    answer.whenCompleteAsync( // a channel that waits for an answer cannot be closed
                            (there, refusal) -> {
                                connection.unanswered.remove(queue, answer);
                                abort(probe);
                            },
                            end -> Loop.daemon("workerfarm-probe", end).start());
                    connection.openProbe().abort(); // unless the broker is silent altogether
                    if (isSilent(answer)) {
                        connection.unanswered.put(queue, answer);
                        return unknown;
                    }
                }
            } catch (CompletionException e) {
                if (!PresentConnection.isRefused(e, AMQP.NOT_FOUND)) {
                    throw new IOException(e.getCause());
                }
                var node = downNode(e);
                return UNKNOWN.equals(node) ? unknown : new QueueHome(node != null, node);
            }
            probe.abort();
            return new QueueHome(true, null);
        }

        private static boolean isSilent(CompletableFuture<?> answer) {
            try {
                answer.copy().orTimeout(PATIENCE_MILLIS, TimeUnit.MILLISECONDS).join();
                return false;
            } catch (CompletionException e) {
                if (e.getCause() instanceof TimeoutException) {
                    return true;
                }
                throw e;
            }
        }

        private static void abort(Channel probe) {
            try {
                probe.abort();
            } catch (IOException e) {
                LOG.debug("probe not closed reason={}", e.toString());
            }
        }

        /** The node that is down, if the broker refused something for that reason; null: it did not. */
        static @Nullable String downNode(Throwable refusal) {
            var home = HOME.matcher(String.valueOf(
                    refusal.getCause() instanceof ShutdownSignalException signal ? signal.getReason() : ""));
            return home.find() ? Objects.requireNonNullElse(home.group(1), UNKNOWN) : null;
        }
    }

    /** Arguments of RabbitMQ's queue that keeps a message for a time and then hands it on, at least once. */
    static Map<String, Object> passingOn(Duration kept, String exchange) {
        return new HashMap<>(Map.of(
                "x-queue-type", "quorum",
                "x-message-ttl", kept.toMillis(),
                "x-dead-letter-exchange", exchange,
                "x-dead-letter-strategy", "at-least-once",
                "x-overflow", "reject-publish")); // which at-least-once asks for
    }

    /** The connection has as many channels open as the broker allows; one that closes makes room. */
    public static final class NoChannelException extends IOException {
        public NoChannelException(int most) {
            super("all " + most + " channels that the broker allows on a connection (channel_max) are in use");
        }
    }

    static Channel open(Connection connection) throws IOException {
        var channel = connection.createChannel();
        if (channel == null) {
            throw new NoChannelException(connection.getChannelMax());
        }
        return channel;
    }

    /** Whether a queue is there; asked on a channel of its own, as a miss closes it (AMQP 0-9-1, queue.declare passive). */
    public static boolean exists(Channel channel, String queue) throws IOException {
        return answers(channel, probe -> probe.queueDeclarePassive(queue));
    }

    /** A question that the broker answers, or else closes the channel. */
    interface Question {
        void ask(Channel probe) throws IOException;
    }

    /** Whether the broker answers; asked on a channel of its own. */
    static boolean answers(Channel channel, Question question) throws IOException {
        var probe = open(channel.getConnection());
        try {
            question.ask(probe);
            return true;
        } catch (IOException e) {
            if (probe.isOpen() || !channel.isOpen()) {
                throw e;
            }
            return false;
        } finally {
            probe.abort();
        }
    }
}
