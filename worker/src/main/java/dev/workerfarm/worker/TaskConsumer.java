package dev.workerfarm.worker;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.broker.SupervisedConnection;
import dev.workerfarm.broker.Topology;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
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
 * Consumes a lane's queues into its inbox, subscribes again after each reconnection, holds as many messages as the present
 * prefetch says, and none so long that the broker would take it back.
 */
final class TaskConsumer implements SupervisedConnection.Session {
    private static final Logger LOG = LoggerFactory.getLogger(TaskConsumer.class);

    /** As a consumer's argument: 24 days, the longest that an int can say. */
    private static final Map<String, Object> PATIENCE = Map.of("x-consumer-timeout", Integer.MAX_VALUE);

    private final List<String> queues;
    private final Topology topology;
    private final String processName;
    private final ConsumerTimeout timeout;
    private final BlockingQueue<Delivery> inbox;
    private final Settler settler;
    private final Runnable ready;
    private final Runnable notReady;
    /** Changed under the lock of this; read without, as that may wait for the broker. */
    private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();

    /** Without a lock: one leaves whenever its last delivery is settled, also while somebody goes through them. */
    private final Set<Subscription> retiring = ConcurrentHashMap.newKeySet();

    /** Of the copies that hold long tasks' messages, by the queue that these came from; without a lock for the same reason. */
    private final Map<String, Subscription> copies = new ConcurrentHashMap<>();

    private final Set<String> handedOver = new HashSet<>(); // the queues that had any; guarded by this
    private ConsumerTimeout.Means means = ConsumerTimeout.Means.NOTHING; // guarded by this
    private boolean copiesRefused; // guarded by this
    private SupervisedConnection.@Nullable OpenConnection connection; // guarded by this
    private int prefetch; // guarded by this
    private boolean stopped; // guarded by this

    /**
     * @param processName what no other process is ever called
     * @param ready called when all queues are subscribed, now and after each reconnection
     * @param notReady called when they are not any more
     */
    TaskConsumer(
            List<String> queues,
            Topology topology,
            String processName,
            ConsumerTimeout timeout,
            int prefetch,
            BlockingQueue<Delivery> inbox,
            Settler settler,
            Runnable ready,
            Runnable notReady) {
        this.queues = List.copyOf(queues);
        this.topology = topology;
        this.processName = processName;
        this.timeout = timeout;
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
        forget(); // what there is of one that broke while it was being set up
        var channel = connection.openChannel();
        topology.declare(channel, connection.dialect());
        channel.abort();
        this.connection = connection;
        means = timeout.means(connection.dialect(), connection.serverProperty("version"));
        copiesRefused = false;
        for (var queue : handedOver) {
            openCopies(connection, queue); // some may be on their way, and nobody needs them any more
        }
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
        settler.lost();
        copies.values().forEach(Subscription::lost);
        copies.clear();
        // What waits in the inbox is the broker's again: running it here would only be running it twice.
        inbox.clear();
        subscriptions.forEach(Subscription::lost);
        retiring.forEach(Subscription::lost);
        subscriptions.clear();
        retiring.clear();
    }

    /** How many deliveries are not settled yet. */
    int unsettled() {
        return all().mapToInt(Subscription::held).sum();
    }

    /** The same for each queue that is consumed. */
    Map<String, Integer> unsettledByQueue() {
        Map<String, Integer> held = new HashMap<>();
        queues.forEach(queue -> held.put(queue, 0));
        all().forEach(subscription -> held.merge(subscription.queue(), subscription.held(), Integer::sum));
        return held;
    }

    private Stream<Subscription> all() {
        return Stream.of(subscriptions, retiring, copies.values()).flatMap(Collection::stream);
    }

    /**
     * Looks for what was delivered so long ago that the broker may soon take it back: gives back what waits here, and hands
     * over what was begun to a copy. Also while it is stopping, as a drain may be long.
     */
    synchronized void renew() {
        var current = connection;
        if (current == null || means != ConsumerTimeout.Means.COPIES) {
            return;
        }
        try {
            for (var subscription : all().toList()) {
                for (var delivery : subscription.heldFor(timeout.handOverAfter())) {
                    if (inbox.remove(delivery)) { // whoever removes it owns it
                        settler.giveBack(delivery);
                    } else if (openCopies(current, delivery.queue())) {
                        settler.handOver(delivery, copiesOf(delivery.queue()));
                    }
                }
            }
        } catch (IOException | ShutdownSignalException e) {
            LOG.debug("nothing handed over, the connection is gone reason={}", e.toString());
            current.reopen();
        }
    }

    /** Whether copies of a queue's messages can be held: its queue for them is there and consumed. */
    private boolean openCopies(SupervisedConnection.OpenConnection connection, String queue) throws IOException {
        if (copies.containsKey(queue) || copiesRefused) {
            return !copiesRefused;
        }
        var channel = connection.openProbe(); // what the broker refuses closes this one, and not the connection
        try {
            Topology.declareRunning(channel, copiesOf(queue), queue);
            copies.put(
                    queue,
                    Subscription.openCopies(channel, copiesOf(queue), queue, inbox, settler, connection::reopen));
            connection.watched(channel);
            handedOver.add(queue);
            return true;
        } catch (IOException e) {
            requireRefusal(channel, e);
            copiesRefused = true;
            LOG.warn(
                    "long tasks cannot be handed over, so the broker will have them run again after {} s queue={} reason={}",
                    timeout.duration().toSeconds(),
                    copiesOf(queue),
                    String.valueOf(e.getCause()));
            return false;
        }
    }

    /** Throws it again unless it says that the broker refused what was asked of it, and closed the channel. */
    private static void requireRefusal(Channel channel, IOException e) throws IOException {
        if (channel.isOpen() || !(e.getCause() instanceof ShutdownSignalException signal) || signal.isHardError()) {
            throw e;
        }
    }

    private String copiesOf(String queue) {
        return topology.names().running(processName, queues.indexOf(queue) + 1);
    }

    /**
     * Holds another number of messages from now on; gives back what waits here beyond it. To be called again and again: with a
     * prefetch of one it takes no more while a task runs that is not of what it takes now.
     *
     * @param runs whether a task runs
     */
    synchronized void resize(int newPrefetch, boolean runs) {
        var current = connection;
        if (current == null || stopped) {
            return;
        }
        var full = newPrefetch == 1 && runs && isHeldElsewhere();
        if (newPrefetch == prefetch && full == subscriptions.isEmpty()) {
            return;
        }
        if (newPrefetch != prefetch) {
            LOG.debug("prefetch queues={} from={} to={}", queues, prefetch, newPrefetch);
        }
        var giveBack = newPrefetch < prefetch || full;
        prefetch = newPrefetch;
        try {
            var old = List.copyOf(subscriptions);
            subscriptions.clear();
            for (var subscription : old) {
                retire(subscription, giveBack);
            }
            if (newPrefetch > 1 || !runs || !isHeldElsewhere()) {
                subscribe(current);
            }
        } catch (IOException | ShutdownSignalException e) {
            LOG.debug("prefetch not changed, the connection is gone reason={}", e.toString());
            current.reopen();
        }
    }

    /**
     * Whether something is held by what takes no more. Of a prefetch of one the long task that runs is the one: what was taken
     * besides would wait behind it, whoever is idle. So it would behind a task that is held by a copy: for that the broker
     * delivers another message to the subscription that it came by.
     */
    private boolean isHeldElsewhere() {
        return Stream.concat(retiring.stream(), copies.values().stream())
                .anyMatch(subscription -> subscription.held() > 0);
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
                        retiring.stream().map(Subscription::settled).toArray(CompletableFuture<?>[]::new))
                // From then on no copy comes for anything that is held elsewhere.
                .thenCompose(nothing -> CompletableFuture.allOf(copies.values().stream()
                        .map(Subscription::closeOnceSettled)
                        .toArray(CompletableFuture<?>[]::new)));
    }

    private void subscribe(SupervisedConnection.OpenConnection connection) throws IOException {
        for (var queue : queues) {
            subscriptions.add(subscribe(connection, queue));
        }
    }

    private Subscription subscribe(SupervisedConnection.OpenConnection connection, String queue) throws IOException {
        if (means == ConsumerTimeout.Means.ARGUMENT) {
            var channel = connection.openProbe();
            try {
                var subscription = subscribe(connection, channel, queue, PATIENCE);
                connection.watched(channel);
                return subscription;
            } catch (IOException e) {
                requireRefusal(channel, e);
                // A classic queue, which has no timeout and takes no argument about it.
                LOG.debug("consuming without a timeout of our own queue={} reason={}", queue, e.getCause());
            }
        }
        return subscribe(connection, connection.openChannel(), queue, Map.of());
    }

    private Subscription subscribe(
            SupervisedConnection.OpenConnection connection,
            Channel channel,
            String queue,
            Map<String, Object> arguments)
            throws IOException {
        return Subscription.open(channel, queue, prefetch, arguments, inbox, settler, connection::reopen);
    }

    private void retire(Subscription subscription, boolean giveBack) throws IOException {
        retiring.add(subscription);
        subscription.retire(giveBack).thenRun(() -> retiring.remove(subscription));
    }
}
