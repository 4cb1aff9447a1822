package dev.workerfarm.worker;

import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.broker.SupervisedConnection;
import dev.workerfarm.broker.Topology;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Consumes a lane's queues into its inbox, subscribes again after each reconnection, and holds as many messages as the
 * present prefetch says.
 */
final class TaskConsumer implements SupervisedConnection.Session {
    private static final Logger LOG = LoggerFactory.getLogger(TaskConsumer.class);

    private final List<String> queues;
    private final Topology topology;
    private final BlockingQueue<Delivery> inbox;
    private final Settler settler;
    private final Runnable ready;
    private final Runnable notReady;
    /** Changed under the lock of this; read without, as that may wait for the broker. */
    private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();

    /** Without a lock: one leaves whenever its last delivery is settled, also while somebody goes through them. */
    private final Set<Subscription> retiring = ConcurrentHashMap.newKeySet();

    private SupervisedConnection.@Nullable OpenConnection connection; // guarded by this
    private int prefetch; // guarded by this
    private boolean stopped; // guarded by this

    /**
     * @param ready called when all queues are subscribed, now and after each reconnection
     * @param notReady called when they are not any more
     */
    TaskConsumer(
            List<String> queues,
            Topology topology,
            int prefetch,
            BlockingQueue<Delivery> inbox,
            Settler settler,
            Runnable ready,
            Runnable notReady) {
        this.queues = List.copyOf(queues);
        this.topology = topology;
        this.prefetch = prefetch;
        this.inbox = inbox;
        this.settler = settler;
        this.ready = ready;
        this.notReady = notReady;
    }

    @Override
    public synchronized void opened(SupervisedConnection.OpenConnection connection) throws IOException {
        if (stopped) {
            return;
        }
        var channel = connection.openChannel();
        topology.declare(channel, connection.dialect());
        channel.abort();
        this.connection = connection;
        subscribe(connection);
        ready.run();
    }

    @Override
    public void lost() {
        forget();
        notReady.run();
    }

    private synchronized void forget() {
        connection = null;
        // What waits in the inbox is the broker's again: running it here would only be running it twice.
        inbox.clear();
        subscriptions.forEach(Subscription::lost);
        retiring.forEach(Subscription::lost);
        subscriptions.clear();
        retiring.clear();
    }

    /** How many deliveries are not settled yet. */
    int unsettled() {
        return Stream.concat(subscriptions.stream(), retiring.stream())
                .mapToInt(Subscription::held)
                .sum();
    }

    /** The same for each queue that is consumed. */
    Map<String, Integer> unsettledByQueue() {
        Map<String, Integer> held = new HashMap<>();
        queues.forEach(queue -> held.put(queue, 0));
        Stream.concat(subscriptions.stream(), retiring.stream())
                .forEach(subscription -> held.merge(subscription.queue(), subscription.held(), Integer::sum));
        return held;
    }

    /** Holds another number of messages from now on; gives back what waits here beyond it. */
    synchronized void resize(int newPrefetch) {
        var current = connection;
        if (newPrefetch == prefetch || current == null || stopped) {
            return;
        }
        LOG.debug("prefetch queues={} from={} to={}", queues, prefetch, newPrefetch);
        var shrink = newPrefetch < prefetch;
        prefetch = newPrefetch;
        try {
            var old = List.copyOf(subscriptions);
            subscriptions.clear();
            for (var subscription : old) {
                retire(subscription, shrink);
            }
            subscribe(current);
        } catch (IOException | ShutdownSignalException e) {
            LOG.debug("prefetch not changed, the connection is gone reason={}", e.toString());
            current.reopen();
        }
    }

    /**
     * Takes no more, and gives back what was not begun.
     *
     * @return completes when all that was begun is settled
     */
    synchronized CompletableFuture<Void> stop() {
        stopped = true;
        for (var subscription : List.copyOf(subscriptions)) {
            try {
                retire(subscription, true);
            } catch (IOException | ShutdownSignalException e) {
                LOG.debug("already gone queue={}", subscription.queue());
                subscription.lost();
            }
        }
        return CompletableFuture.allOf(
                retiring.stream().map(Subscription::settled).toArray(CompletableFuture<?>[]::new));
    }

    private void subscribe(SupervisedConnection.OpenConnection connection) throws IOException {
        for (var queue : queues) {
            subscriptions.add(
                    Subscription.open(connection.openChannel(), queue, prefetch, inbox, settler, connection::reopen));
        }
    }

    private void retire(Subscription subscription, boolean giveBack) throws IOException {
        retiring.add(subscription);
        subscription.retire(giveBack).thenRun(() -> retiring.remove(subscription));
    }
}
