package dev.workerfarm.pool.transport;

import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A pool's way to the broker: it publishes, and receives what comes to a reply queue of its own. Threads may share it. What
 * was not confirmed when the connection was lost is published again on the next one, so a message may arrive twice. Futures
 * complete on a thread of the transport: what depends on them must be short.
 */
public interface Transport extends AutoCloseable {
    /** How many messages may be unconfirmed at a time. */
    int WINDOW = 1024;

    /** Receives replies, and what happens to the transport. Called on threads of the transport; must return soon. */
    interface Listener extends Dispatcher.DeathListener {
        /** A task's final outcome came, perhaps not the first of its id. */
        void answered(String id, Outcome outcome);

        /** What came under this id is no result that can be read, and comes no second time. */
        default void unreadable(String id, String why) {}

        /** Replies may have been lost: the reply queue was gone, and is declared again, or the node with it stays down. */
        void lost();
    }

    /** The literal name of the reply queue. */
    String replyQueue();

    /** Has a task queue declared before its next message, and on each new connection; if refused, the message fails. */
    void declare(String queue);

    /**
     * Publishes to a queue, to be delivered at {@code due} (null: at once). Completes when the broker has confirmed; with
     * {@link dev.workerfarm.error.PublishException} when the broker returned or refused the message. A caller who completes
     * it first gives the message up. Throws {@link dev.workerfarm.error.PublishTimeoutException} if the window stayed full.
     */
    CompletableFuture<Void> publish(String queue, EncodedMessage message, @Nullable Instant due, Duration timeout);

    /** Publishes a control message to all workers without waiting: fails at once if the window is full. */
    CompletableFuture<Void> broadcast(EncodedMessage message);

    /** Whether messages for a queue wait because it takes none: it is full, or a majority of its nodes is away. */
    boolean isFull(String queue);

    /** How many messages were taken to be published, and not confirmed. */
    int unconfirmed();

    /** Whether the broker is there, as far as is known. */
    boolean isConnected();

    /**
     * Why a call is not answered at the moment, or null: nothing is known that is in its way. May take seconds.
     *
     * @param taken whether the broker has its message
     */
    @Nullable
    String trouble(String queue, boolean taken) throws InterruptedException;

    /** How many consumers a queue has; 0 too where there is no such queue, or the broker is away at the moment. */
    int consumers(String queue);

    /** Deletes the reply queue and closes. What is still unconfirmed after a short wait fails. */
    @Override
    void close();
}
