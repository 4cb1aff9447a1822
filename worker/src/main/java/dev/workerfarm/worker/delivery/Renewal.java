package dev.workerfarm.worker.delivery;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.broker.Topology.NoChannelException;
import dev.workerfarm.worker.config.ConsumerTimeout;
import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps deliveries from growing so old that the broker takes them back (RabbitMQ's {@code consumer_timeout}): gives
 * back what waits here, and hands what was begun over to a copy in a queue of this process. Threads may share it.
 */
public final class Renewal {
    private static final Logger LOG = LoggerFactory.getLogger(Renewal.class);

    private final List<String> queues;
    private final QueueNames names;
    private final String processName;
    private final ConsumerTimeout timeout;
    private final BlockingQueue<Delivery> inbox;
    private final Settler settler;
    /** The consumers of the copies, by the queue that the messages came from; read without a lock, which may wait for the broker. */
    private final Map<String, Subscription> copies = new ConcurrentHashMap<>();

    /** The queues that had copies on this connection or an earlier one. */
    @GuardedBy("this")
    private final Set<String> handedOver = new HashSet<>();

    @GuardedBy("this")
    private ConsumerTimeout.Means means = ConsumerTimeout.Means.NOTHING;

    @GuardedBy("this")
    private boolean refused;

    /** @param processName the process's name, which no other process has at any time */
    public Renewal(
            List<String> queues,
            QueueNames names,
            String processName,
            ConsumerTimeout timeout,
            BlockingQueue<Delivery> inbox,
            Settler settler) {
        this.queues = List.copyOf(queues);
        this.names = names;
        this.processName = processName;
        this.timeout = timeout;
        this.inbox = inbox;
        this.settler = settler;
    }

    /** A new connection: copies that were on their way on the one before may arrive, and are no longer needed. */
    synchronized void opened(TaskConnection connection) throws IOException {
        means = connection.means(timeout);
        refused = false;
        for (var queue : handedOver) {
            openCopies(connection, queue);
        }
    }

    void lost() {
        copies.values().forEach(Subscription::lost);
        copies.clear();
    }

    Collection<Subscription> copies() {
        return copies.values();
    }

    /** Whether a consumer has to ask for a timeout of its own. */
    synchronized boolean needsArgument() {
        return means == ConsumerTimeout.Means.ARGUMENT;
    }

    /** Looks for old deliveries among all that these subscriptions hold. */
    synchronized void renew(TaskConnection connection, List<Subscription> subscriptions) {
        if (means != ConsumerTimeout.Means.COPIES) {
            return;
        }
        try {
            for (var subscription : subscriptions) {
                for (var delivery : subscription.heldFor(timeout.handOverAfter())) {
                    if (inbox.remove(delivery)) { // whoever removes it owns it
                        settler.giveBack(delivery);
                    } else if (openCopies(connection, delivery.queue())) {
                        settler.handOver(delivery, copiesOf(delivery.queue()));
                    }
                }
            }
        } catch (IOException | ShutdownSignalException e) {
            LOG.debug("nothing handed over, the connection is gone reason={}", e.toString());
            connection.reopen();
        }
    }

    /** Closes the consumers of copies as soon as nothing is held; completes then. */
    CompletableFuture<Void> closeOnceSettled() {
        return CompletableFuture.allOf(
                copies.values().stream().map(Subscription::closeOnceSettled).toArray(CompletableFuture<?>[]::new));
    }

    /** Whether copies of a queue's messages can be held: its queue for them is there and consumed. */
    @GuardedBy("this")
    private boolean openCopies(TaskConnection connection, String queue) throws IOException {
        if (copies.containsKey(queue) || refused) {
            return !refused;
        }
        TaskChannel channel;
        try {
            channel = connection.openProbe(); // a refusal closes this channel, and not the connection
        } catch (NoChannelException e) {
            LOG.debug("not handed over, tried again soon queue={} reason={}", queue, e.getMessage());
            return false;
        }
        try {
            channel.declareCopies(copiesOf(queue), queue);
            var subscription = new Subscription(channel, queue, inbox, settler, connection::reopen);
            copies.put(queue, subscription.consume(copiesOf(queue), 0, Map.of()));
            channel.watch();
            handedOver.add(queue);
            return true;
        } catch (IOException e) {
            if (!channel.hasRefused(e)) {
                throw e;
            }
            refused = true;
            var format =
                    "long tasks cannot be handed over, so the broker will have them run again after {} s queue={} reason={}";
            LOG.warn(format, timeout.duration().toSeconds(), copiesOf(queue), String.valueOf(e.getCause()));
            return false;
        }
    }

    private String copiesOf(String queue) {
        return names.running(processName, queues.indexOf(queue) + 1);
    }
}
