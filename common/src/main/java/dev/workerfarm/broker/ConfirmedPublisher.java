package dev.workerfarm.broker;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.config.Durations;
import dev.workerfarm.error.CallInterruptedException;
import dev.workerfarm.error.EncodeException;
import dev.workerfarm.error.PublishException;
import dev.workerfarm.error.PublishTimeoutException;
import dev.workerfarm.loop.Loop;
import dev.workerfarm.wire.EncodedMessage;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes persistent messages to queues and says when the broker has taken them (RabbitMQ documentation, "Publisher
 * Confirms"). Up to a window of messages may be unconfirmed. What was not confirmed when a connection was lost is
 * published again on the next one, so a message may arrive twice and is never lost silently.
 *
 * <p>Threads may share it. One thread of its own writes to the broker, so a broker that blocks publishers blocks nobody
 * else. Futures complete on amqp-client's thread: what depends on them must be short. A fault that ends the thread of
 * its own fails all that is not confirmed, and all that is published later.
 */
public final class ConfirmedPublisher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConfirmedPublisher.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

    private final Topology topology;
    private final int window;
    private final Semaphore permits;
    private final BlockingQueue<Message> waiting = new LinkedBlockingQueue<>();
    private final Queue<Message> again = new ConcurrentLinkedQueue<>(); // unconfirmed on connections before, come first
    private final Loop writer;
    private final Consumer<? super Throwable> died;
    /** Lets a writer that waits for messages see that its session is gone. */
    private final Message wake =
            new Message("", "", new EncodedMessage(new AMQP.BasicProperties(), new byte[0]), false, null);

    private final SupervisedConnection connection;
    private final LongAdder returns = new LongAdder();

    @GuardedBy("this")
    private @Nullable Session session;

    private volatile @Nullable Session held; // that of the last message; the writer drains it when it sees another one
    private volatile @Nullable String ended; // why no more is published, or null

    /**
     * Connects and declares the topology, now and after each reconnection. At most {@code window} messages are
     * unconfirmed at a time. If an unexpected exception or error has ended the writer, {@code died} is called on its
     * thread, once all pending messages have failed. Throws BrokerUnreachableException if the first connection fails.
     */
    public ConfirmedPublisher(
            BrokerAddress address, String name, Topology topology, int window, Consumer<? super Throwable> died) {
        this.window = window;
        this.permits = new Semaphore(window);
        this.died = died;
        this.writer = Loop.ending("workerfarm-publisher-" + name, this::write, this::die);
        this.topology = topology;
        this.connection = SupervisedConnection.open(address, name, new Opening());
        writer.start();
    }

    /**
     * Publishes to a queue, through the default exchange; {@code mandatory}: a queue that is not there is a failure.
     * The result completes when the broker has confirmed; with {@link PublishException} when it returned or refused the
     * message. A caller who completes it first gives the message up. Throws PublishTimeoutException if the window
     * stayed full for the timeout: the broker blocks or is away.
     */
    public CompletableFuture<Void> publish(String queue, EncodedMessage encoded, boolean mandatory, Duration timeout) {
        return publish(new Message("", queue, encoded, mandatory, null), timeout);
    }

    /**
     * As {@link #publish}, mandatory, what the broker is to deliver not before {@code due}: to the second on RabbitMQ.
     * Until then the broker keeps it. Throws EncodeException if {@link DelayedDelivery#fits} refuses the queue's name.
     */
    public CompletableFuture<Void> publishLater(String queue, EncodedMessage encoded, Instant due, Duration timeout) {
        if (!DelayedDelivery.fits(queue)) {
            throw new EncodeException("messages for a queue of this name cannot be delayed: " + queue);
        }
        return publish(new Message("", queue, encoded, true, due), timeout);
    }

    /** As {@link #publish}, to whoever is bound to an exchange, which may be nobody. */
    public CompletableFuture<Void> broadcast(String exchange, EncodedMessage encoded, Duration timeout) {
        return publish(new Message(exchange, "", encoded, false, null), timeout);
    }

    private CompletableFuture<Void> publish(Message message, Duration timeout) {
        try {
            // Without a wait an interrupt does not count: an interrupted caller still revokes what it gives up.
            var taken = timeout.isZero()
                    ? permits.tryAcquire()
                    : permits.tryAcquire(Durations.nanos(timeout), TimeUnit.NANOSECONDS);
            if (!taken) {
                throw new PublishTimeoutException("the broker took no message for "
                        + TimeUnit.NANOSECONDS.toMillis(Durations.nanos(timeout))
                        + " ms: it is away or blocks publishers (memory or disk alarm); " + message.target());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            var problem = "interrupted before the broker took the message; " + message.target();
            throw new CallInterruptedException(problem, e);
        }
        waiting.add(message);
        var why = ended;
        if (why != null && waiting.remove(message)) { // the writer may have ended before it saw the message
            fail(message, why);
        }
        return message.confirmed;
    }

    /** Waits until everything is confirmed. Returns false if the timeout came first. */
    public boolean flush(Duration timeout) throws InterruptedException {
        var confirmed = permits.tryAcquire(window, Durations.nanos(timeout), TimeUnit.NANOSECONDS);
        if (confirmed) {
            permits.release(window);
        }
        return confirmed;
    }

    /** How often its connection was opened again so far. */
    public long reconnects() {
        return connection.reconnects();
    }

    /** How many mandatory messages came back so far, as no queue took them. */
    public long returns() {
        return returns.sum();
    }

    /** Waits a little for outstanding confirms, also on an interrupted thread, then closes. What is still unconfirmed fails. */
    @Override
    public void close() {
        var interrupted = Thread.interrupted();
        try {
            end();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void end() {
        try {
            if (!flush(CLOSE_TIMEOUT)) {
                LOG.warn("closing with unconfirmed messages count={}", window - permits.availablePermits());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        var alive = ended == null;
        if (alive) {
            ended = "the publisher was closed before the broker confirmed it";
        }
        writer.stop();
        connection.close();
        if (alive) {
            try {
                if (!writer.join(CLOSE_TIMEOUT)) {
                    LOG.warn("the publisher's thread has not ended");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            failPending();
        }
    }

    /** One pass of the writer, the only code that publishes: takes a message and publishes it. */
    private void write() throws InterruptedException {
        var current = awaitSession();
        var earlier = held;
        held = current;
        if (earlier != null && earlier != current) {
            earlier.drainTo(again);
        }
        var message = again.poll();
        if (message == null) {
            message = waiting.take();
        }
        if (message.equals(wake)) {
            return;
        }
        if (message.confirmed.isDone()) { // the caller has completed it: publish it no more
            permits.release();
        } else if (!current.publish(message)) {
            forget(current);
        }
    }

    private void die(Throwable fault) {
        try {
            ended = "the publisher has ended after an unexpected fault: " + fault;
            failPending();
        } finally {
            died.accept(fault);
        }
    }

    private void failPending() {
        var why = String.valueOf(ended);
        var last = held;
        if (last != null) {
            last.drainTo(again);
        }
        waiting.drainTo(again);
        again.removeIf(wake::equals);
        for (var message = again.poll(); message != null; message = again.poll()) {
            fail(message, why);
        }
    }

    private void fail(Message message, String why) {
        message.confirmed.completeExceptionally(
                new PublishException("message " + message.encoded.properties().getCorrelationId() + " for "
                        + message.target() + " was not delivered: " + why));
        permits.release();
    }

    private synchronized Session awaitSession() throws InterruptedException {
        while (session == null) {
            wait();
        }
        return session;
    }

    private synchronized void use(@Nullable Session next) {
        session = next;
        notifyAll();
    }

    private synchronized void forget(Session dead) {
        if (session == dead) {
            session = null;
        }
    }

    /** Opens a confirm channel on each new connection and lets the writer know. */
    private final class Opening implements SupervisedConnection.Session {
        @Override
        public void opened(SupervisedConnection.OpenConnection connection) throws IOException {
            var channel = connection.openChannel();
            topology.declare(channel, connection.dialect());
            channel.confirmSelect();
            use(new Session(channel, connection));
        }

        @Override
        public void lost() {
            use(null);
            waiting.add(wake);
        }
    }

    /** One channel's life and what is unconfirmed on it. */
    private final class Session {
        private final Channel channel;
        private final SupervisedConnection.OpenConnection connection;
        private final DelayedDelivery delays;
        private final Set<String> declaredLater = new HashSet<>(); // belongs to the writer
        private final ConcurrentSkipListMap<Long, Message> unconfirmed = new ConcurrentSkipListMap<>();
        private final Map<Long, String> returned = new HashMap<>(); // why, by tag; belongs to amqp-client's thread

        Session(Channel channel, SupervisedConnection.OpenConnection connection) {
            this.channel = channel;
            this.connection = connection;
            this.delays = new DelayedDelivery(connection, Clock.systemUTC());
            channel.addConfirmListener(
                    (tag, multiple) -> settle(tag, multiple, true), (tag, multiple) -> settle(tag, multiple, false));
            channel.addReturnListener(back -> {
                var tag = Long.parseLong(back.getProperties().getMessageId());
                var message = unconfirmed.get(tag);
                returns.increment();
                if (message != null) {
                    returned.put(tag, back.getReplyText());
                    if (topology.declares(message.queue)) {
                        connection.reopen(); // somebody has deleted it, and the next session declares it
                    }
                }
            });
        }

        /** False if the channel is gone; the message then is among the unconfirmed. */
        boolean publish(Message message) {
            var tag = channel.getNextPublishSeqNo();
            unconfirmed.put(tag, message);
            try {
                declareLater(message.queue);
                var route = message.exchange.isEmpty()
                        ? delays.route(message.queue, message.encoded, message.due)
                        : new DelayedDelivery.Route(message.exchange, message.queue, message.encoded);
                var properties = route.message().properties();
                if (message.mandatory) { // a return names it
                    properties = properties.builder().messageId("" + tag).build();
                }
                var body = route.message().body();
                channel.basicPublish(route.exchange(), route.key(), message.mandatory, properties, body);
                return true;
            } catch (IOException | ShutdownSignalException e) {
                // The broker has closed a channel that declares, and not the connection.
                var isRefusal = e.getCause() instanceof ShutdownSignalException signal && !signal.isHardError();
                if (channel.isOpen() && isRefusal) {
                    unconfirmed.remove(tag); // it was not published: the next one has this tag
                    fail(message, "the broker refuses to declare what it needs: " + e.getCause());
                    return true;
                }
                LOG.debug("publish failed {} reason={}", message.target(), e.toString());
                if (channel.isOpen()) {
                    connection.reopen(); // no answer to a declaration
                }
                return false;
            } catch (IllegalArgumentException e) {
                // Such as a queue's name of more than 255 bytes. The channel has counted it, the broker never will.
                unconfirmed.remove(tag);
                fail(message, "it does not fit AMQP: " + e.getMessage());
                connection.reopen();
                return false;
            } catch (EncodeException e) { // with the header that delays it; nothing was published
                unconfirmed.remove(tag);
                fail(message, String.valueOf(e.getMessage()));
                return true;
            }
        }

        private void declareLater(String queue) throws IOException {
            if (topology.declaresLater(queue) && !declaredLater.contains(queue)) {
                var probe = connection.openProbe(); // a refusal closes this channel, and not the publishing one
                try {
                    Topology.declare(probe, connection.dialect(), queue);
                    declaredLater.add(queue);
                } finally {
                    probe.abort();
                }
            }
        }

        void drainTo(Queue<Message> others) {
            for (var entry = unconfirmed.pollFirstEntry(); entry != null; entry = unconfirmed.pollFirstEntry()) {
                others.add(entry.getValue());
            }
        }

        private void settle(long tag, boolean multiple, boolean taken) {
            var those = multiple ? unconfirmed.headMap(tag, true) : unconfirmed.subMap(tag, true, tag, true);
            for (var entry = those.pollFirstEntry(); entry != null; entry = those.pollFirstEntry()) {
                var message = entry.getValue();
                var reason = returned.remove(entry.getKey());
                if (reason != null) {
                    fail(message, "the broker returned it: " + reason);
                } else if (!taken) {
                    fail(message, "the broker refused it (nack)");
                } else {
                    message.confirmed.complete(null);
                    permits.release(); // after what depends on the confirm: a flush waits for that too
                }
            }
        }
    }

    /** One message and the promise of its confirm. */
    private record Message(
            String exchange,
            String queue,
            EncodedMessage encoded,
            boolean mandatory,
            @Nullable Instant due,
            CompletableFuture<Void> confirmed) {
        Message(String exchange, String queue, EncodedMessage encoded, boolean mandatory, @Nullable Instant due) {
            this(exchange, queue, encoded, mandatory, due, new CompletableFuture<>());
        }

        String target() {
            return exchange.isEmpty() ? "queue=" + queue : "exchange=" + exchange;
        }
    }
}
