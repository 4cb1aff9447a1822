package dev.workerfarm.broker;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.broker.SupervisedConnection.OpenConnection;
import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.error.BrokerUnreachableException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A connection for those who use it now and then, and what the broker refuses on it. Threads may share it. */
public final class PresentConnection implements SupervisedConnection.Session, AutoCloseable {
    private final SupervisedConnection connection;
    private volatile @Nullable OpenConnection open;

    /** @throws BrokerUnreachableException if the broker is not there */
    public PresentConnection(BrokerAddress broker, String name) {
        this.connection = SupervisedConnection.open(broker, name, this);
    }

    @Override
    public void opened(OpenConnection opened) {
        open = opened;
    }

    @Override
    public void lost() {
        open = null;
    }

    /** The connection that is open now; a {@link BrokerUnreachableException} if it is lost, and no other is there yet. */
    public OpenConnection get() {
        var current = open;
        if (current == null) {
            throw new BrokerUnreachableException("the connection to the broker is lost", null);
        }
        return current;
    }

    /** What the broker says of a queue (AMQP 0-9-1, queue.declare passive), or null: there is none. */
    public static AMQP.Queue.@Nullable DeclareOk find(OpenConnection connection, String queue) throws IOException {
        var probe = connection.openProbe();
        try {
            return probe.queueDeclarePassive(queue);
        } catch (IOException e) {
            if (!isRefused(e, AMQP.NOT_FOUND)) {
                throw e;
            }
            return null;
        } finally {
            probe.abort();
        }
    }

    /** Whether the broker closed our channel. */
    public static boolean isRefused(Throwable thrown) {
        return refusal(thrown) != null;
    }

    /** Whether the broker closed our channel for this reason. */
    public static boolean isRefused(Throwable thrown, int replyCode) {
        var refusal = refusal(thrown);
        return refusal != null && refusal.getReplyCode() == replyCode;
    }

    /** The exception for a failed question: the connection was {@code lost}, or the user lacks the {@code needed} rights. */
    public static BrokerUnreachableException unreachable(Exception failure, String lost, String needed) {
        var refusal = refusal(failure);
        var refused = refusal == null ? "" : "the broker refuses it (" + refusal.getReplyText() + "): the user needs ";
        return new BrokerUnreachableException(refusal == null ? lost : refused + needed, failure);
    }

    /** The broker's words where it closed our channel, else the exception's. */
    public static String reason(Throwable thrown) {
        var refusal = refusal(thrown);
        return refusal == null ? thrown.toString() : refusal.getReplyText();
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

    @Override
    public void close() {
        connection.close();
    }
}
