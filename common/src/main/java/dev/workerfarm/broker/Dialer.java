package dev.workerfarm.broker;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Address;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.Method;
import com.rabbitmq.client.MissedHeartbeatException;
import com.rabbitmq.client.PossibleAuthenticationFailureException;
import com.rabbitmq.client.ShutdownSignalException;
import com.rabbitmq.client.impl.AMQConnection;
import com.rabbitmq.client.impl.DefaultExceptionHandler;
import com.rabbitmq.client.impl.Frame;
import com.rabbitmq.client.impl.FrameHandler;
import com.rabbitmq.client.impl.FrameHandlerFactory;
import com.rabbitmq.client.impl.SocketFrameHandler;
import com.rabbitmq.client.impl.SocketFrameHandlerFactory;
import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.config.TlsSettings;
import dev.workerfarm.error.BrokerUnreachableException;
import java.io.IOException;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connects to the first of a broker's hosts that takes us, from a random one on, so that a fleet spreads over all. */
final class Dialer {
    private static final Logger LOG = LoggerFactory.getLogger(Dialer.class);
    private static final int HEARTBEAT_SECONDS = 5; // a vanished host is noticed after two of them
    private static final Duration TIMEOUT = Duration.ofSeconds(8); // for all hosts, half of it to be connected
    private static final Duration LEAST_TIMEOUT = Duration.ofSeconds(1);
    private static final int CLOSE_TIMEOUT_MILLIS = 2_000;
    private static final int BREAK_OFF_MILLIS = CLOSE_TIMEOUT_MILLIS + 500;
    private static final int MAX_BODY_BYTES = 64 * 1024 * 1024; // amqp-client's own limit, beyond any that is passed on

    /** How brokers answer connection.open: AMQP's invalid path, Broker-J's not found and refused, RabbitMQ's not allowed. */
    private static final Set<Integer> NO_VHOST =
            Set.of(AMQP.INVALID_PATH, AMQP.NOT_FOUND, AMQP.ACCESS_REFUSED, AMQP.NOT_ALLOWED);

    private static final Pattern LIMIT = Pattern.compile("limit \\(\\d+\\) is reached");

    /** Read again from its file before each connection; belongs to the thread that dials. */
    private BrokerAddress address;

    private String unreadable = ""; // why its file could not be read again, or empty
    private final ExecutorService ending; // for what may wait at a connection's end; its threads end when idle
    private final ConnectionFactory factory;
    private int next;

    private record Failure(BrokerAddress.Host host, Exception cause) {}

    /** @param faulted receives a connection of which a callback threw what it should not; on amqp-client's threads */
    Dialer(BrokerAddress address, Consumer<? super Connection> faulted) {
        this.address = address;
        this.ending = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), Reader::new);
        this.factory = factory(faulted);
        // Without it amqp-client waits, at the loss of a connection, for a thread that still writes to that connection.
        factory.setShutdownExecutor(ending);
        this.next = ThreadLocalRandom.current().nextInt(address.hosts().size());
    }

    /** Tries each host once, within 10 s for up to four. Throws BrokerUnreachableException saying why none took us. */
    Connection dial(ExecutorService dispatch, String name) {
        readAddressAgain();
        var hosts = address.hosts();
        List<Failure> failures = new ArrayList<>();
        while (failures.size() < hosts.size()) {
            var host = hosts.get(next % hosts.size());
            next = (next + 1) % hosts.size();
            try {
                var opened = factory.newConnection(dispatch, List.of(new Address(host.name(), host.port())), name);
                LOG.debug("connected connection={} host={}", name, host);
                return opened;
            } catch (IOException | TimeoutException | ShutdownSignalException e) {
                LOG.debug("host not usable connection={} host={} reason={}", name, host, reason(e));
                failures.add(new Failure(host, e));
            }
        }
        throw unreachable(failures);
    }

    private void readAddressAgain() {
        try {
            address = address.readAgain();
            unreadable = "";
        } catch (IllegalArgumentException e) { // such as a file that is gone: the address stays what it was
            unreadable = " (" + e.getMessage() + ")";
        }
        factory.setUsername(address.user());
        factory.setPassword(address.password());
        factory.setVirtualHost(address.vhost());
        if (factory.isSSL() && address.tls()) {
            factory.useSslProtocol(address.tlsSettings().context());
        }
    }

    /**
     * Closes a connection, within 6 s whatever the broker does. Any thread may call it. Who writes to a broker that does not
     * read, as under an alarm, waits in there and has the lock that a close needs; so its socket is closed at last.
     */
    void end(Connection connection) {
        var breakOff = CompletableFuture.runAsync(
                ((AMQConnection) connection).getFrameHandler()::close,
                CompletableFuture.delayedExecutor(BREAK_OFF_MILLIS, TimeUnit.MILLISECONDS, ending));
        connection.abort(CLOSE_TIMEOUT_MILLIS);
        breakOff.cancel(false);
    }

    /** What is wrong with the broker, after it had taken the connection. */
    BrokerUnreachableException unreachable(Exception e) {
        return unreachable(address.hostList() + " is not usable (" + reason(e) + "): see its log", e);
    }

    /** One line for all: what a host says that was reached tells more than that others were not. */
    private BrokerUnreachableException unreachable(List<Failure> failures) {
        for (var failure : failures) {
            if (failure.cause instanceof AuthenticationFailureException
                    || failure.cause instanceof PossibleAuthenticationFailureException) {
                var problem = " refuses user '" + address.user() + "': check user and password in ";
                return unreachable(failure.host + problem + BrokerAddress.VARIABLE + unreadable, failure.cause);
            }
        }
        for (var failure : failures) {
            if (closing(failure.cause) instanceof AMQP.Connection.Close close
                    && NO_VHOST.contains(close.getReplyCode())) {
                if (LIMIT.matcher(close.getReplyText()).find()) { // of a virtual host, a user or a node
                    return unreachable(
                            failure.host + " takes no more connections (" + reason(failure.cause) + ")", failure.cause);
                }
                var problem = " has no virtual host '" + address.vhost() + "', or user '" + address.user()
                        + "' may not use it (" + reason(failure.cause) + "): check ";
                return unreachable(failure.host + problem + BrokerAddress.VARIABLE, failure.cause);
            }
        }
        for (var failure : failures) {
            var problem = TlsSettings.problem(failure.cause);
            if (problem != null) {
                var text = "no TLS with the broker at " + failure.host + ": " + problem;
                return new BrokerUnreachableException(text, failure.cause);
            }
        }
        var reasons = failures.stream()
                .map(failure -> (failures.size() == 1 ? "" : failure.host + ": ") + reason(failure.cause))
                .collect(Collectors.joining("; "));
        var advice = "): start one (./farm up, or docker compose up) or set " + BrokerAddress.VARIABLE;
        return unreachable(address.hostList() + " is not reachable (" + reasons + advice, failures.get(0).cause);
    }

    private static BrokerUnreachableException unreachable(String problem, Exception cause) {
        return new BrokerUnreachableException("the broker at " + problem, cause);
    }

    private static String reason(Throwable e) {
        var closing = closing(e);
        if (closing != null) {
            return closing instanceof AMQP.Connection.Close close
                    ? close.getReplyCode() + " " + close.getReplyText()
                    : PresentConnection.reason(e);
        }
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnknownHostException) {
                return "unknown host";
            }
        }
        if (e instanceof TimeoutException) {
            return "it does not answer";
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    /** With what the broker has closed the connection or the channel; null if it has not. */
    private static @Nullable Method closing(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof ShutdownSignalException signal && signal.getReason() != null) {
                return signal.getReason();
            }
        }
        return null;
    }

    private ConnectionFactory factory(Consumer<? super Connection> faulted) {
        var share = TIMEOUT.dividedBy(2L * address.hosts().size());
        var each = share.compareTo(LEAST_TIMEOUT) < 0 ? LEAST_TIMEOUT : share;
        var factory = new ConnectionFactory() {
            @Override
            protected synchronized FrameHandlerFactory createFrameHandlerFactory() {
                return new SocketFrameHandlerFactory(
                        getConnectionTimeout(), getSocketFactory(), getSocketConfigurator(), isSSL(), ending) {
                    @Override
                    public FrameHandler create(Socket socket) throws IOException {
                        return bounded(socket);
                    }
                };
            }
        };
        factory.setAutomaticRecoveryEnabled(false);
        factory.setTopologyRecoveryEnabled(false);
        factory.setRequestedHeartbeat(HEARTBEAT_SECONDS);
        factory.setConnectionTimeout((int) each.toMillis());
        factory.setHandshakeTimeout((int) each.toMillis());
        factory.setChannelRpcTimeout((int) TIMEOUT.toMillis());
        factory.setThreadFactory(Reader::new);
        factory.setExceptionHandler(new Faults(faulted));
        if (address.tls()) {
            factory.useSslProtocol(address.tlsSettings().context());
            factory.enableHostnameVerification();
        }
        return factory;
    }

    private FrameHandler bounded(Socket socket) throws IOException {
        var frames = new BoundedFrames();
        return new SocketFrameHandler(socket, ending, MAX_BODY_BYTES) {
            private volatile @Nullable Reader reader;

            @Override
            public @Nullable Frame readFrame() throws IOException {
                if (reader == null && Thread.currentThread() instanceof Reader current) {
                    current.ignoresInterrupts = true;
                    reader = current;
                }
                return frames.next(super::readFrame);
            }

            @Override
            public void close() { // amqp-client interrupts the reader after this
                var current = reader;
                if (current != null) {
                    current.ignoresInterrupts = false;
                }
                super.close();
            }
        };
    }

    /**
     * A thread of amqp-client's. Its WorkPool drops each delivery, confirm and reply that an interrupted thread has read, and keeps the
     * thread interrupted. A task may interrupt all threads of its process, so a reader ignores interrupts until its connection ends.
     */
    private static final class Reader extends Thread {
        private volatile boolean ignoresInterrupts;

        Reader(Runnable task) {
            super(task, "workerfarm-amqp");
            setDaemon(true);
        }

        @Override
        public void interrupt() {
            if (!ignoresInterrupts) {
                super.interrupt();
            }
        }
    }

    /** Reports what callbacks throw, and has the connection replaced: amqp-client would only close the channel. */
    private static final class Faults extends DefaultExceptionHandler {
        private final Consumer<? super Connection> faulted;
        private volatile @Nullable Connection reported;

        Faults(Consumer<? super Connection> faulted) {
            this.faulted = faulted;
        }

        @Override
        public void handleConsumerException(
                Channel channel, Throwable e, com.rabbitmq.client.Consumer consumer, String tag, String method) {
            report(channel, consumer.getClass().getName() + '.' + method, e);
        }

        @Override
        public void handleConfirmListenerException(Channel channel, Throwable e) {
            report(channel, "confirm listener", e);
        }

        @Override
        public void handleReturnListenerException(Channel channel, Throwable e) {
            report(channel, "return listener", e);
        }

        private void report(Channel channel, String callback, Throwable e) {
            var connection = channel.getConnection();
            if (!channel.isOpen()) { // it was used after its end
                LOG.debug("callback on a closed channel callback={} reason={}", callback, e.toString());
            } else if (connection != reported) { // until the other connection is open more may follow
                reported = connection;
                LOG.error(
                        "unexpected fault in a callback, opening another connection connection={} callback={}",
                        connection.getClientProvidedName(),
                        callback,
                        e);
            }
            faulted.accept(connection);
        }

        /** A broker that has gone silent is no error of this program: one line without a stack. */
        @Override
        public void handleUnexpectedConnectionDriverException(Connection connection, Throwable e) {
            if (e instanceof MissedHeartbeatException) {
                LOG.warn(
                        "the broker is silent, opening another connection connection={} heartbeatSeconds={}",
                        connection.getClientProvidedName(),
                        connection.getHeartbeat());
            } else {
                super.handleUnexpectedConnectionDriverException(connection, e);
            }
        }
    }
}
