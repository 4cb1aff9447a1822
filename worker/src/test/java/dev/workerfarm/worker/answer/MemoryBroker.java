package dev.workerfarm.worker.answer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Consumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.broker.Topology.NoChannelException;
import dev.workerfarm.broker.Topology.QueueHome;
import dev.workerfarm.error.CallInterruptedException;
import dev.workerfarm.error.PublishException;
import dev.workerfarm.error.PublishException.Returned;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.worker.config.ConsumerTimeout;
import dev.workerfarm.worker.delivery.TaskChannel;
import dev.workerfarm.worker.delivery.TaskConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A broker in memory, as far as a lane needs one: queues, consumers with a prefetch, acks and confirms. The transport contract
 * keeps it honest. Threads may share it.
 */
public final class MemoryBroker implements Outbox.Publisher, AutoCloseable {
    /** A message in a queue. */
    @SuppressWarnings("ArrayRecordComponent") // as it came
    public record Message(AMQP.BasicProperties properties, byte[] body, boolean redelivered) {}

    private record Confirm(Runnable confirm) {}

    /** One thread for all connections: deliveries come one after the other. */
    private final ExecutorService dispatch = Executors.newSingleThreadExecutor(task -> {
        var thread = new Thread(task, "memory-broker");
        thread.setDaemon(true);
        return thread;
    });

    /** Guarded by the broker, as all state of its channels is: more than {@code GuardedBy} can say. */
    private final Map<String, Deque<Message>> queues = new HashMap<>();

    @GuardedBy("this")
    private final Map<String, String> downNodes = new HashMap<>();

    private final List<MemoryConnection> connections = new ArrayList<>();

    @GuardedBy("this")
    private final List<Confirm> held = new ArrayList<>();

    @GuardedBy("this")
    private boolean holdsConfirms;

    @GuardedBy("this")
    private int refusals;

    /** Declares a queue. */
    public synchronized void declare(String queue) {
        queue(queue);
    }

    private synchronized Deque<Message> queue(String name) {
        return queues.computeIfAbsent(name, first -> new ArrayDeque<>());
    }

    /** What waits in a queue, and is not delivered. */
    public synchronized List<Message> waiting(String queue) {
        return List.copyOf(queues.getOrDefault(queue, new ArrayDeque<>()));
    }

    /** From now on nothing is confirmed until {@link #confirmAll}. */
    synchronized void holdConfirms() {
        holdsConfirms = true;
    }

    /** Confirms all that is held back, in another thread than the publisher's, as the real one does. */
    synchronized void confirmAll() {
        holdsConfirms = false;
        held.forEach(each -> dispatch.execute(each.confirm()));
        held.clear();
    }

    /** Refuses so many of the next messages. */
    synchronized void refuse(int count) {
        refusals = count;
    }

    /** A connection of a consumer's own. */
    public synchronized MemoryConnection connect(String... declared) {
        var connection = new MemoryConnection(List.of(declared));
        connections.add(connection);
        return connection;
    }

    @Override
    public void close() {
        dispatch.shutdownNow();
    }

    /** Whoever waits for the time to come is not in these tests: {@code due} is now. */
    @Override
    public CompletableFuture<Void> publish(
            String queue, EncodedMessage message, boolean mandatory, @Nullable Instant due) {
        if (Thread.currentThread().isInterrupted()) { // as a semaphore's wait
            throw new CallInterruptedException("interrupted", new InterruptedException());
        }
        var confirmed = new CompletableFuture<Void>();
        synchronized (this) {
            if (refusals > 0) {
                refusals--;
                return CompletableFuture.failedFuture(new PublishException("refused"));
            }
            var isThere = queues.containsKey(queue) && !downNodes.containsKey(queue);
            if (!isThere && mandatory) {
                return CompletableFuture.failedFuture(new Returned("returned"));
            }
            if (isThere) {
                queue(queue).add(new Message(message.properties(), message.body(), false));
                deliver();
            }
            if (holdsConfirms) {
                held.add(new Confirm(() -> confirmed.complete(null)));
                return confirmed;
            }
        }
        dispatch.execute(() -> confirmed.complete(null));
        return confirmed;
    }

    @Override
    public synchronized QueueHome look(String queue) {
        return new QueueHome(queues.containsKey(queue), downNodes.get(queue));
    }

    @Override
    public void declareReplies(String queue) {
        declare(queue);
    }

    /** From now on this node has a queue, and is down; null: it is up. */
    synchronized void down(String queue, @Nullable String node) {
        if (node == null) {
            downNodes.remove(queue);
        } else {
            downNodes.put(queue, node);
        }
    }

    /** Under the lock. */
    private void deliver() {
        for (var connection : List.copyOf(connections)) {
            for (var channel : connection.channels) {
                channel.take();
            }
        }
    }

    /** A connection, until it is lost. */
    public final class MemoryConnection implements TaskConnection {
        private final List<String> declared;
        private final List<MemoryChannel> channels = new ArrayList<>();
        private boolean lost;
        private volatile boolean reopened;
        private int channelMax = Integer.MAX_VALUE;
        private ConsumerTimeout.Means means = ConsumerTimeout.Means.NOTHING;

        private MemoryConnection(List<String> declared) {
            this.declared = declared;
        }

        public MemoryConnection means(ConsumerTimeout.Means means) {
            this.means = means;
            return this;
        }

        /** With at most so many channels open at a time. */
        public MemoryConnection channelMax(int most) {
            this.channelMax = most;
            return this;
        }

        /** The broker takes back what was not settled. */
        public void lose() {
            synchronized (MemoryBroker.this) {
                lost = true;
                connections.remove(this);
                channels.forEach(MemoryChannel::requeueAll);
                deliver();
            }
        }

        public boolean isReopened() {
            return reopened;
        }

        @Override
        public void declare() {
            requireOpen();
            declared.forEach(MemoryBroker.this::declare);
        }

        @Override
        public ConsumerTimeout.Means means(ConsumerTimeout timeout) {
            return means;
        }

        @Override
        public void checkChannels(int needed, int wanted) throws NoChannelException {
            if (needed > channelMax) {
                throw new NoChannelException(channelMax);
            }
        }

        @Override
        public TaskChannel openChannel() throws NoChannelException {
            requireOpen();
            var channel = new MemoryChannel(this);
            synchronized (MemoryBroker.this) {
                if (channels.stream().filter(each -> !each.closed).count() >= channelMax) {
                    throw new NoChannelException(channelMax);
                }
                channels.add(channel);
            }
            return channel;
        }

        @Override
        public TaskChannel openProbe() throws NoChannelException {
            return openChannel();
        }

        @Override
        public boolean mayOthersBeIdle(String queue, int consumers, int held) {
            return false;
        }

        @Override
        public void reopen() {
            reopened = true;
        }

        private void requireOpen() {
            synchronized (MemoryBroker.this) {
                if (lost) {
                    throw closed();
                }
            }
        }
    }

    private static AlreadyClosedException closed() {
        return new AlreadyClosedException(new ShutdownSignalException(false, false, null, null));
    }

    private final class MemoryChannel implements TaskChannel {
        private final MemoryConnection connection;
        private final TreeMap<Long, Message> unsettled = new TreeMap<>();
        private @Nullable Consumer receiver;
        private String queue = "";
        private int prefetch;
        private boolean cancelled;
        private boolean closed;
        private long lastTag;

        MemoryChannel(MemoryConnection connection) {
            this.connection = connection;
        }

        @Override
        public void declareCopies(String copies, String origin) {
            connection.requireOpen();
            declare(copies);
        }

        @Override
        public void consume(String queue, int prefetch, Map<String, Object> arguments, Consumer receiver)
                throws IOException {
            synchronized (MemoryBroker.this) {
                requireOpen();
                if (!queues.containsKey(queue)) {
                    closed = true;
                    throw new IOException(new ShutdownSignalException(false, false, null, null));
                }
                this.queue = queue;
                this.prefetch = prefetch;
                this.receiver = receiver;
                take();
            }
        }

        @Override
        public void watch() {}

        @Override
        public boolean hasRefused(IOException failure) {
            synchronized (MemoryBroker.this) {
                return closed;
            }
        }

        @Override
        public void cancel() {
            synchronized (MemoryBroker.this) {
                requireOpen();
                cancelled = true;
                var target = receiver;
                if (target != null) {
                    dispatch.execute(() -> target.handleCancelOk(""));
                }
            }
        }

        @Override
        public void ack(long tag, boolean multiple) {
            synchronized (MemoryBroker.this) {
                requireOpen();
                if (multiple) {
                    unsettled.headMap(tag, true).clear();
                } else {
                    unsettled.remove(tag);
                }
                take();
            }
        }

        @Override
        public void giveBack(long tag) {
            synchronized (MemoryBroker.this) {
                requireOpen();
                requeue(unsettled.remove(tag));
                deliver();
            }
        }

        @Override
        public void close() {
            synchronized (MemoryBroker.this) {
                if (!closed) {
                    closed = true;
                    requeueAll();
                    deliver();
                }
            }
        }

        private void requireOpen() {
            if (closed || connection.lost) {
                throw closed();
            }
        }

        private void take() {
            var target = receiver;
            var waiting = queues.get(queue);
            while (target != null
                    && waiting != null
                    && !waiting.isEmpty()
                    && !cancelled
                    && !closed
                    && (prefetch == 0 || unsettled.size() < prefetch)) {
                var message = waiting.remove();
                var tag = ++lastTag;
                unsettled.put(tag, message);
                var envelope = new Envelope(tag, message.redelivered(), "", queue);
                dispatch.execute(() -> {
                    try {
                        target.handleDelivery("", envelope, message.properties(), message.body());
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
            }
        }

        private void requeueAll() {
            unsettled.descendingMap().values().forEach(this::requeue);
            unsettled.clear();
        }

        private void requeue(@Nullable Message message) {
            if (message != null) {
                synchronized (MemoryBroker.this) {
                    queue(queue).addFirst(new Message(message.properties(), message.body(), true));
                }
            }
        }
    }
}
