package dev.workerfarm.broker;

import dev.workerfarm.error.BrokerUnreachableException;
import org.jspecify.annotations.Nullable;

/** A session that only keeps the connection that is open now, for those who use it now and then. Threads may share it. */
public final class PresentConnection implements SupervisedConnection.Session {
    private volatile SupervisedConnection.@Nullable OpenConnection open;

    @Override
    public void opened(SupervisedConnection.OpenConnection connection) {
        open = connection;
    }

    @Override
    public void lost() {
        open = null;
    }

    /** The connection. Throws BrokerUnreachableException if it is lost, and no other is there yet. */
    public SupervisedConnection.OpenConnection get() {
        var current = open;
        if (current == null) {
            throw new BrokerUnreachableException("the connection to the broker is lost", null);
        }
        return current;
    }
}
