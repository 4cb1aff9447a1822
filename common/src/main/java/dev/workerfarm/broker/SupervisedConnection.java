package dev.workerfarm.broker;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.error.BrokerUnreachableException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to the broker that is opened again whenever it, or one of its channels, is lost. amqp-client's own
 * recovery is off: it ignores channel errors.
 *
 * <p>Owned by whoever opened it. Its {@link Session} is called on the supervisor's thread alone.
 */
public final class SupervisedConnection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SupervisedConnection.class);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(2);

    /** What is done with each new connection. */
    public interface Session {
        /**
         * Opens channels, declares, subscribes.
         *
         * @throws IOException if the broker refuses; the connection is given up and tried again
         */
        void opened(OpenConnection connection) throws IOException;

        /** The connection is gone; another {@link #opened} follows unless it is being closed. */
        default void lost() {}
    }

    /** A connection while it lasts. */
    public static final class OpenConnection {
        private final Connection connection;
        private final Dialect dialect;
        private final Runnable reopen;

        private OpenConnection(Connection connection, Runnable reopen) {
            this.connection = connection;
            this.dialect = Dialect.of(connection);
            this.reopen = reopen;
        }

        public Dialect dialect() {
            return dialect;
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
                    reopen.run();
                }
            });
            return channel;
        }

        /** Opens a channel for a question that the broker may answer by closing it; the connection stays. */
        public Channel openProbe() throws IOException {
            var channel = connection.createChannel();
            if (channel == null) {
                throw new IOException("the broker allows no more channels on this connection");
            }
            return channel;
        }

        /** What the broker says of itself under this name (AMQP 0-9-1, connection.start), or null: nothing. */
        public @Nullable String serverProperty(String name) {
            var value = connection.getServerProperties().get(name);
            return value == null ? null : value.toString();
        }

        /** Gives the connection up, as if it had been lost: another is opened. */
        public void reopen() {
            reopen.run();
        }
    }

    private final Dialer dialer;
    private final String name;
    private final Session session;
    private final ExecutorService dispatch;
    private final Thread supervisor;
    /** Connections that something befell; one that is not the present one any more is of no interest. */
    private final BlockingQueue<Connection> troubled = new LinkedBlockingQueue<>();

    private final LongAdder reconnects = new LongAdder();
    private volatile @Nullable Connection connection;
    private volatile boolean closing;

    private SupervisedConnection(BrokerAddress address, String name, Session session) {
        this.name = name;
        this.session = session;
        this.dialer = new Dialer(address, task -> daemon(task, "workerfarm-amqp"));
        // What amqp-client still wants to tell its consumers while it is being closed is dropped, not thrown at its
        // reader.
        this.dispatch = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> daemon(task, "workerfarm-dispatch-" + name),
                new ThreadPoolExecutor.DiscardPolicy());
        this.supervisor = daemon(this::supervise, "workerfarm-connection-" + name);
    }

    /**
     * Connects, calls the session once, and from then on keeps the connection open.
     *
     * @param name shown in RabbitMQ's management UI
     * @throws BrokerUnreachableException within 10 s if the first connection fails
     */
    public static SupervisedConnection open(BrokerAddress address, String name, Session session) {
        var supervised = new SupervisedConnection(address, name, session);
        try {
            supervised.connect();
        } catch (BrokerUnreachableException e) {
            supervised.dispatch.shutdownNow();
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
        closing = true;
        supervisor.interrupt();
        var current = connection;
        if (current != null) {
            dialer.end(current);
        }
        dispatch.shutdown();
    }

    private void supervise() {
        while (!closing) {
            try {
                var lost = troubled.take();
                if (!closing && lost == connection) {
                    recover(lost);
                }
            } catch (InterruptedException e) {
                return; // closing
            }
        }
    }

    private void recover(Connection lost) throws InterruptedException {
        var since = System.nanoTime();
        dialer.end(lost);
        session.lost();
        var backoff = FIRST_BACKOFF;
        for (var first = true; !closing; first = false) {
            Thread.sleep(backoff.toMillis());
            try {
                connect();
                reconnects.increment();
                LOG.info(
                        "reconnected connection={} downMs={}",
                        name,
                        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since));
                return;
            } catch (BrokerUnreachableException e) {
                if (first) {
                    LOG.warn("connection lost, trying again connection={} reason={}", name, e.getMessage());
                }
                backoff = backoff.multipliedBy(2).compareTo(LONGEST_BACKOFF) > 0
                        ? LONGEST_BACKOFF
                        : backoff.multipliedBy(2);
            }
        }
    }

    private void connect() {
        var opened = dialer.dial(dispatch, name);
        opened.addShutdownListener(cause -> troubled.add(opened));
        opened.addBlockedListener(
                reason -> LOG.warn("the broker takes no messages connection={} reason={}", name, reason),
                () -> LOG.info("the broker takes messages again connection={}", name));
        connection = opened;
        try {
            session.opened(new OpenConnection(opened, () -> troubled.add(opened)));
        } catch (IOException | ShutdownSignalException e) {
            dialer.end(opened);
            throw dialer.unreachable(e);
        }
        if (closing) {
            dialer.end(opened);
        }
    }

    private static Thread daemon(Runnable task, String name) {
        var thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }
}
