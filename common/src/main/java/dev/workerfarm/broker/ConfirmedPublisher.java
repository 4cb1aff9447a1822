package dev.workerfarm.broker;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.broker.Topology.QueueHome;
import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.config.Durations;
import dev.workerfarm.error.CallInterruptedException;
import dev.workerfarm.error.EncodeException;
import dev.workerfarm.error.PublishException;
import dev.workerfarm.error.PublishException.MessageRefused;
import dev.workerfarm.error.PublishException.Returned;
import dev.workerfarm.error.PublishTimeoutException;
import dev.workerfarm.loop.Loop;
import dev.workerfarm.wire.EncodedMessage;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.PriorityBlockingQueue;
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
    private final BlockingQueue<PendingMessage> waiting = new LinkedBlockingQueue<>();
    /** Unconfirmed on channels before: they come first. */
    private final Queue<PendingMessage> again =
            new PriorityBlockingQueue<>(16, Comparator.comparingLong(message -> message.number));

    private final FullQueues full = new FullQueues();
    private final Loop writer;
    private final Consumer<? super Throwable> died;
    private final Fates fates = new Fates();
    /** Lets a writer that waits for messages look around. */
    private final PendingMessage wake =
            new PendingMessage("", "", new EncodedMessage(new AMQP.BasicProperties(), new byte[0]), false, null);

    private final SupervisedConnection connection;
    private final LongAdder returns = new LongAdder();

    @GuardedBy("this")
    private @Nullable PublishingChannel channel;

    private volatile @Nullable String ended; // why no more is published, or null
    private volatile Dialect dialect = Dialect.RABBITMQ; // of the last connection
    private volatile long largestBody = Long.MAX_VALUE;

    // The writer's.
    private final RefusalSearch search = new RefusalSearch();
    private final ChannelWatch watch = new ChannelWatch(full);
    private volatile @Nullable PublishingChannel held; // that of the last message
    private long numbers;
    private boolean suspectOnItsWay;

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
     * message; a queue that the topology declares is waited for. A caller who completes it first gives the message up. Throws PublishTimeoutException if the window
     * stayed full for the timeout: the broker blocks or is away.
     */
    public CompletableFuture<Void> publish(String queue, EncodedMessage encoded, boolean mandatory, Duration timeout) {
        return publish(new PendingMessage("", queue, encoded, mandatory, null), timeout);
    }

    /**
     * As {@link #publish}, mandatory, what the broker is to deliver not before {@code due}: to the second on RabbitMQ.
     * Until then the broker keeps it. Throws EncodeException if {@link DelayedDelivery#fits} refuses the queue's name.
     */
    public CompletableFuture<Void> publishLater(String queue, EncodedMessage encoded, Instant due, Duration timeout) {
        if (!DelayedDelivery.fits(queue)) {
            throw new EncodeException("messages for a queue of this name cannot be delayed: " + queue);
        }
        return publish(new PendingMessage("", queue, encoded, true, due), timeout);
    }

    /** As {@link #publish}, to whoever is bound to an exchange, which may be nobody. */
    public CompletableFuture<Void> broadcast(String exchange, EncodedMessage encoded, Duration timeout) {
        return publish(new PendingMessage(exchange, "", encoded, false, null), timeout);
    }

    private CompletableFuture<Void> publish(PendingMessage message, Duration timeout) {
        try {
            // Without a wait an interrupt does not count: an interrupted caller still revokes what it gives up.
            var taken = timeout.isZero()
                    ? permits.tryAcquire()
                    : permits.tryAcquire(Durations.nanos(timeout), TimeUnit.NANOSECONDS);
            if (!taken) {
                var millis = TimeUnit.NANOSECONDS.toMillis(Durations.nanos(timeout));
                throw new PublishTimeoutException("the broker took no message for " + millis
                        + " ms: it is away or blocks publishers (memory or disk alarm), or its queues are full; "
                        + message.target());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            var problem = "interrupted before the broker took the message; " + message.target();
            throw new CallInterruptedException(problem, e);
        }
        waiting.add(message);
        var why = ended;
        if (why != null && waiting.remove(message)) { // the writer may have ended before it saw the message
            fates.failed(message, why);
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

    /** How many messages were taken and not confirmed. Any thread. */
    public int unconfirmed() {
        return window - permits.availablePermits();
    }

    /** How often its connection was opened again so far. */
    public long reconnects() {
        return connection.reconnects();
    }

    /** How many mandatory messages came back so far, as no queue took them, and were not tried again. */
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
                LOG.warn("closing with unconfirmed messages count={}", unconfirmed());
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

    /** The most bytes of a body that the broker takes, as far as its refusals have told; {@link Long#MAX_VALUE}: no limit known. */
    public long largestBody() {
        return largestBody;
    }

    /** Whether messages for this queue wait because it takes none: it is full, or a majority of its nodes is away. */
    public boolean isFull(String queue) {
        return full.holds(queue);
    }

    /** Looks for a queue by its connection; any thread but amqp-client's. IOException: the broker does not answer, or refuses. */
    public QueueHome look(String queue) throws IOException {
        var present = presentConnection();
        if (present.isBlocked()) { // it would not read the question, and each one would cost a channel
            throw new IOException("the broker takes no messages (memory or disk alarm)");
        }
        return QueueHome.of(present, queue);
    }

    /** Declares a reply queue on the publisher's connection, as {@link Topology#declareReplies}. */
    public void declareReplies(String queue) throws IOException {
        var present = presentConnection();
        var probe = present.openProbe();
        try {
            Topology.declareReplies(probe, present.dialect(), queue);
        } finally {
            probe.abort();
        }
    }

    private synchronized SupervisedConnection.OpenConnection presentConnection() throws IOException {
        if (channel == null) {
            throw new IOException("the connection to the broker is lost");
        }
        return channel.connection();
    }

    /** Whether the broker confirms a mandatory message that it returns, as RabbitMQ does. Broker-J refuses it. */
    public boolean confirmsReturns() {
        return dialect == Dialect.RABBITMQ;
    }

    /** One pass of the writer, the only code that publishes: takes a message and publishes it. */
    private void write() throws InterruptedException {
        var current = awaitChannel();
        if (current != held) {
            takeOver(current);
        }
        watch.look(current, unconfirmed());
        if (!current.isOpen()) {
            return;
        }
        var message = next();
        if (message == null) {
            return;
        }
        if (message.number == 0) {
            message.number = ++numbers;
        }
        if (message.confirmed.isDone()) { // the caller has completed it: publish it no more
            fates.over(message, false);
        } else if (message.bytes() > largestBody) {
            var sizes = "its " + message.bytes() + " bytes are more than the " + largestBody + " that the broker takes";
            fates.unfit(message, sizes);
        } else if (!full.takes(message)) {
            publish(current, message);
        }
    }

    /** A suspect is the only one on its way. */
    private void publish(PublishingChannel current, PendingMessage message) throws InterruptedException {
        var isSuspect = search.isSuspect(message, System.nanoTime());
        if (isSuspect || suspectOnItsWay) {
            while (!current.awaitSettled()) {
                watch.look(current, unconfirmed());
            }
            if (!current.isOpen()) {
                again.add(message);
                return;
            }
        }
        suspectOnItsWay = isSuspect;
        current.publish(message);
    }

    private @Nullable PendingMessage next() throws InterruptedException {
        var message = again.poll();
        if (message == null && !full.isEmpty()) {
            message = full.next(System.nanoTime());
            if (message == null) {
                var pause = Math.min(full.pauseNanos(System.nanoTime()), ChannelWatch.LOOK_EVERY.toNanos());
                message = waiting.poll(pause, TimeUnit.NANOSECONDS);
            }
        } else if (message == null) {
            message = unconfirmed() == 0
                    ? waiting.take()
                    : waiting.poll(ChannelWatch.LOOK_EVERY.toNanos(), TimeUnit.NANOSECONDS);
        }
        return message == wake ? null : message;
    }

    /** The channel before has ended: what was unconfirmed on it is published again, but for a message that is to blame. */
    private void takeOver(PublishingChannel next) {
        var before = held;
        held = next;
        suspectOnItsWay = false;
        if (before == null) {
            return;
        }
        if (before.connection() != next.connection()) {
            search.connected();
        }
        var unconfirmed = before.drain();
        var now = System.nanoTime();
        var guilty = search.ended(unconfirmed, before.end(), now - before.lastPublishNanos(), now);
        largestBody = search.largestBody();
        again.addAll(unconfirmed);
        if (guilty != null) {
            again.remove(guilty.message());
            var why = "the broker refuses it: " + guilty.reason();
            if (guilty.isForAll() && guilty.message().due == null) {
                fates.failed(guilty.message(), why);
            } else {
                fates.unfit(guilty.message(), why);
            }
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
            again.addAll(last.drain());
        }
        waiting.drainTo(again);
        full.drainTo(again);
        again.removeIf(message -> message == wake);
        for (var message = again.poll(); message != null; message = again.poll()) {
            fates.failed(message, why);
        }
    }

    /** Waits for a connection. One whose channel was closed for a message's sake stays, and gets another channel. */
    private PublishingChannel awaitChannel() throws InterruptedException {
        while (true) {
            var current = await();
            if (current.isOpen()) {
                return current;
            }
            var end = current.end();
            if (end != null && !RefusalSearch.isRefusal(end)) {
                replace(current, null);
                current.connection().reopen();
                continue;
            }
            try {
                var next = PublishingChannel.open(current.connection(), topology, fates);
                if (!replace(current, next)) {
                    next.abort();
                }
            } catch (IOException | ShutdownSignalException e) {
                LOG.debug("no channel on this connection reason={}", e.toString());
                replace(current, null);
                current.connection().reopen();
            }
        }
    }

    private synchronized PublishingChannel await() throws InterruptedException {
        while (channel == null) {
            wait();
        }
        return channel;
    }

    private synchronized boolean replace(@Nullable PublishingChannel expected, @Nullable PublishingChannel next) {
        if (channel != expected) {
            return false;
        }
        channel = next;
        notifyAll();
        return true;
    }

    /** Opens a channel on each new connection and lets the writer know. */
    private final class Opening implements SupervisedConnection.Session {
        @Override
        public void opened(SupervisedConnection.OpenConnection connection) throws IOException {
            dialect = connection.dialect();
            var declaring = connection.openChannel();
            topology.declare(declaring, connection.dialect());
            declaring.abort();
            var opened = PublishingChannel.open(connection, topology, fates);
            synchronized (ConfirmedPublisher.this) {
                channel = opened;
                ConfirmedPublisher.this.notifyAll();
            }
        }

        @Override
        public void lost() {
            synchronized (ConfirmedPublisher.this) {
                channel = null;
            }
            waiting.add(wake);
        }
    }

    /** Settles the promises. */
    private final class Fates implements PublishingChannel.Fate {
        @Override
        public void taken(PendingMessage message) {
            message.confirmed.complete(null);
            over(message, true); // after what depends on the confirm: a flush waits for that too
        }

        @Override
        public void returned(PendingMessage message, String why) {
            returns.increment();
            message.fail(new Returned(message.notDelivered(why)));
            over(message, false);
        }

        @Override
        public void refused(PendingMessage message) {
            full.refused(message, System.nanoTime());
            waiting.add(wake);
        }

        @Override
        public void failed(PendingMessage message, String why) {
            message.fail(new PublishException(message.notDelivered(why)));
            over(message, false);
        }

        @Override
        public void unfit(PendingMessage message, String why) {
            LOG.warn("{}", message.notDelivered(why));
            message.fail(new MessageRefused(message.notDelivered(why)));
            over(message, false);
        }

        @Override
        public void ended() {
            waiting.add(wake);
        }

        void over(PendingMessage message, boolean taken) {
            permits.release();
            if (!full.isEmpty() && full.settled(message, taken, System.nanoTime())) {
                waiting.add(wake);
            }
        }
    }
}
