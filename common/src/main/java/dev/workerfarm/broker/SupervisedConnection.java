package dev.workerfarm.broker;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.error.BrokerUnreachableException;
import dev.workerfarm.loop.Backoff;
import dev.workerfarm.loop.Loop;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to the broker that is opened again whenever it, or one of its channels, is lost, and after a fault in
 * a callback. amqp-client's own recovery is off: it ignores channel errors. Its {@link Session} is called by
 * {@link #open}, and then on the supervisor's thread alone.
 */
public final class SupervisedConnection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SupervisedConnection.class);
    private static final long LAST_CALLS_MILLIS = 100;
    /** For what is used all the time, what declares, and its questions. */
    private static final int LEAST_CHANNELS = 3;

    private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(2);

    /** Uses each new connection. One for which either method throws has failed: the supervisor connects again. */
    public interface Session {
        /** Opens channels, declares, subscribes. An IOException, when the broker refuses, opens another connection. */
        void opened(OpenConnection connection) throws IOException;

        /** The connection is gone; another {@link #opened} follows unless the whole is being closed. */
        default void lost() {}
    }

    /** A connection while it lasts. */
    public final class OpenConnection {
        private final Connection opened;
        private final Dialect dialect;
        /** The questions about queues that the broker has not answered yet, by queue; {@link Topology.QueueHome}'s. */
        final Map<String, CompletableFuture<?>> unanswered = new ConcurrentHashMap<>();

        private volatile boolean blocked;

        private OpenConnection(Connection opened) {
            this.opened = opened;
            this.dialect = Dialect.of(opened);
        }

        public Dialect dialect() {
            return dialect;
        }

        /** Whether the broker takes no messages on it (RabbitMQ, "Blocked Connection Notifications"). */
        boolean isBlocked() {
            return blocked;
        }

        /** Opens a channel. If the broker closes it, the whole connection counts as lost and is opened again. */
        public Channel openChannel() throws IOException {
            return watched(openProbe());
        }

        /** From now on the whole connection counts as lost if the broker closes this channel of it. */
        public Channel watched(Channel channel) {
            channel.addShutdownListener(cause -> {
                if (!cause.isInitiatedByApplication()) {
                    LOG.debug("channel closed reason={}", cause.getMessage());
                    reopen();
                }
            });
            return channel;
        }

        /** Opens a channel for a question that the broker may answer by closing it; the connection stays. */
        public Channel openProbe() throws IOException {
            return Topology.open(opened);
        }

        /** How many channels it may have ({@code channel_max}). */
        public int channelMax() {
            var most = opened.getChannelMax();
            return most == 0 ? Integer.MAX_VALUE : most;
        }

        /** Throws an IOException that names {@code channel_max} and the need where the broker allows fewer channels. */
        public void requireChannels(int needed, String who) throws IOException {
            if (channelMax() < needed) {
                throw new IOException("it allows " + channelMax() + " channels on a connection (channel_max), and "
                        + who + " needs " + needed);
            }
        }

        /** What the broker says of itself under this name (AMQP 0-9-1, connection.start), or null: nothing. */
        public @Nullable String serverProperty(String name) {
            var value = opened.getServerProperties().get(name);
            return value == null ? null : value.toString();
        }

        /** Gives the connection up, as if it had been lost: another is opened. */
        public void reopen() {
            troubles.add(new Trouble(opened, false));
        }
    }

    /** A reason to replace a connection, if it has not been replaced already; a fault is a callback's. */
    private record Trouble(Connection connection, boolean fault) {}

    private final Dialer dialer;
    private final String name;
    private final Session session;
    private final ThreadPoolExecutor dispatch;
    private final Loop supervisor;
    private final BlockingQueue<Trouble> troubles = new LinkedBlockingQueue<>();
    private final Backoff backoff = new Backoff(FIRST_BACKOFF, LONGEST_BACKOFF); // the supervisor's
    private final LongAdder reconnects = new LongAdder();
    private boolean down; // whether the connection is lost and no other one is open; the supervisor's

    private long downSince; // by System.nanoTime; the supervisor's
    private volatile @Nullable Connection connection;

    private SupervisedConnection(BrokerAddress address, String name, Session session) {
        this.name = name;
        this.session = session;
        this.dialer = new Dialer(address, faulty -> troubles.add(new Trouble(faulty, true)));
        ThreadFactory one = task -> Loop.daemon("workerfarm-dispatch-" + name, task);
        this.dispatch = new ThreadPoolExecutor(
                1, 1, LAST_CALLS_MILLIS, TimeUnit.MILLISECONDS, new LinkedBlockingQueue<>(), one);
        this.supervisor = Loop.goingOn("workerfarm-connection-" + name, this::supervise);
    }

    /** Connects, and then keeps the connection open. Throws BrokerUnreachableException if it cannot within 10 s. */
    public static SupervisedConnection open(BrokerAddress address, String name, Session session) {
        var supervised = new SupervisedConnection(address, name, session);
        try {
            supervised.connect();
        } catch (RuntimeException | Error e) {
            supervised.endDispatch();
            throw e;
        }
        supervised.supervisor.start();
        return supervised;
    }

    /** How often it was opened again so far. */
    public long reconnects() {
        return reconnects.sum();
    }

    /** Closes the connection for good. Harmless when repeated. */
    @Override
    public void close() {
        supervisor.stop();
        var current = connection;
        if (current != null) {
            dialer.end(current);
        }
        endDispatch();
    }

    /** The thread ends when it is idle. It takes calls until then: amqp-client waits for its last ones, and warns after 10 s. */
    private void endDispatch() {
        dispatch.allowCoreThreadTimeOut(true);
    }

    /** One pass: waits for trouble and opens another connection. After a fault or an interrupt the next one continues. */
    private void supervise() throws InterruptedException {
        if (!down) {
            var trouble = troubles.take();
            if (trouble.connection != connection) {
                return;
            }
            down = true;
            downSince = System.nanoTime();
            if (!trouble.fault) { // a callback that always throws must not make a connection every 100 ms
                backoff.reset();
            }
            dialer.end(trouble.connection);
            session.lost();
        }
        recover();
    }

    private void recover() throws InterruptedException {
        for (var first = true; !supervisor.isStopped(); first = false) {
            Thread.sleep(backoff.next().toMillis());
            try {
                connect();
            } catch (BrokerUnreachableException e) {
                if (first) {
                    LOG.warn("connection lost, trying again connection={} reason={}", name, e.getMessage());
                }
                continue;
            }
            down = false;
            reconnects.increment();
            var downMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - downSince);
            LOG.info("reconnected connection={} downMs={}", name, downMs);
            return;
        }
    }

    private void connect() {
        var opened = dialer.dial(dispatch, name);
        opened.addShutdownListener(cause -> troubles.add(new Trouble(opened, false)));
        var current = new OpenConnection(opened);
        opened.addBlockedListener(
                reason -> {
                    current.blocked = true;
                    LOG.warn("the broker takes no messages connection={} reason={}", name, reason);
                },
                () -> {
                    current.blocked = false;
                    LOG.info("the broker takes messages again connection={}", name);
                });
        connection = opened;
        try {
            current.requireChannels(LEAST_CHANNELS, "each connection");
            session.opened(current);
        } catch (IOException | ShutdownSignalException e) {
            dialer.end(opened);
            throw dialer.unreachable(e);
        } catch (RuntimeException | Error e) {
            dialer.end(opened);
            throw e;
        }
        if (supervisor.isStopped()) {
            dialer.end(opened);
        }
    }
}
