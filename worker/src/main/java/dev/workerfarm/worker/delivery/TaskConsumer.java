package dev.workerfarm.worker.delivery;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.broker.Topology.NoChannelException;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Consumes a lane's queues into its inbox, subscribes again after each reconnection, holds as many messages as the
 * present prefetch says, and none so long that the broker would take it back. Threads may share it.
 */
public final class TaskConsumer {
    private static final Logger LOG = LoggerFactory.getLogger(TaskConsumer.class);

    /** As a consumer's argument: 24 days, the longest that an int can say. */
    private static final Map<String, Object> PATIENCE = Map.of("x-consumer-timeout", Integer.MAX_VALUE);

    private final List<String> queues;
    private final BlockingQueue<Delivery> inbox;
    private final Settler settler;
    private final Renewal renewal;
    private final Consumer<Boolean> readiness;
    /** Changed under the lock; read without, as the lock may wait for the broker. */
    private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();

    /** Without a lock: a subscription leaves whenever its last delivery is settled, also while another thread iterates. */
    private final Set<Subscription> retiring = ConcurrentHashMap.newKeySet();

    @GuardedBy("this")
    private @Nullable TaskConnection connection;

    @GuardedBy("this")
    private int prefetch;

    @GuardedBy("this")
    private boolean stopped;

    @GuardedBy("this")
    private boolean full;

    /** @param readiness is told whether all queues are subscribed, now or again */
    public TaskConsumer(
            List<String> queues,
            int prefetch,
            BlockingQueue<Delivery> inbox,
            Settler settler,
            Renewal renewal,
            Consumer<Boolean> readiness) {
        this.queues = queues.stream().distinct().toList();
        this.prefetch = prefetch;
        this.inbox = inbox;
        this.settler = settler;
        this.renewal = renewal;
        this.readiness = readiness;
    }

    /** Declares and subscribes on a new connection. */
    public synchronized void opened(TaskConnection opened) throws IOException {
        if (stopped) {
            return;
        }
        forget(); // what is left of a connection that broke while it was being set up
        opened.checkChannels(1 + queues.size(), 2 + 3 * queues.size());
        opened.declare();
        connection = opened;
        renewal.opened(opened);
        subscribe(opened);
        readiness.accept(!full);
    }

    /** The connection is lost. */
    public void lost() {
        forget();
        readiness.accept(false);
    }

    private synchronized void forget() {
        connection = null;
        settler.lost();
        renewal.lost();
        // What waits in the inbox is the broker's again: running it here would only be running it twice.
        inbox.clear();
        subscriptions.forEach(Subscription::lost);
        retiring.forEach(Subscription::lost);
        subscriptions.clear();
        retiring.clear();
    }

    /** How many deliveries are not settled yet. */
    public int unsettled() {
        return all().mapToInt(Subscription::held).sum();
    }

    /** The same for each queue that is consumed. */
    public Map<String, Integer> unsettledByQueue() {
        Map<String, Integer> held = new HashMap<>();
        queues.forEach(queue -> held.put(queue, 0));
        all().forEach(subscription -> held.merge(subscription.queue(), subscription.held(), Integer::sum));
        return held;
    }

    private Stream<Subscription> all() {
        return Stream.of(subscriptions, retiring, renewal.copies()).flatMap(Collection::stream);
    }

    /** Renews what was delivered long ago, as {@link Renewal} says. Also while it is stopping, as a drain may be long. */
    public synchronized void renew() {
        if (connection != null) {
            renewal.renew(connection, all().toList());
        }
    }

    /**
     * Holds another number of messages from now on; gives back what waits here beyond it. To be called again and again:
     * with a prefetch of one it takes no more while a task {@code runs} that a retired subscription delivered.
     */
    public synchronized void resize(int newPrefetch, boolean runs) {
        var current = connection;
        if (current == null || stopped) {
            return;
        }
        var full = newPrefetch == 1 && runs && isHeldElsewhere();
        var consumed = full ? 0 : queues.size();
        if (newPrefetch == prefetch && subscriptions.size() == consumed) {
            return;
        }
        if (newPrefetch != prefetch) {
            LOG.debug("prefetch queues={} from={} to={}", queues, prefetch, newPrefetch);
        }
        var giveBack = newPrefetch < prefetch || full;
        var old = newPrefetch == prefetch && !full ? List.<Subscription>of() : List.copyOf(subscriptions);
        prefetch = newPrefetch;
        try {
            subscriptions.removeAll(old);
            for (var subscription : old) {
                retire(subscription, giveBack);
            }
            if (newPrefetch > 1 || !runs || !isHeldElsewhere()) {
                subscribe(current);
            }
        } catch (NoChannelException e) { // a retired subscription has the channel: the next look comes soon
            LOG.debug("not all queues are consumed queues={} reason={}", queues, e.getMessage());
        } catch (IOException | ShutdownSignalException e) {
            LOG.debug("prefetch not changed, the connection is gone reason={}", e.toString());
            current.reopen();
        }
    }

    /**
     * Whether another process may have nothing to do: nothing waits here, which would be given back to it, nor in the queue. Asks
     * the broker, once.
     */
    public boolean mayOthersBeIdle(String queue) {
        TaskConnection current;
        synchronized (this) {
            if (connection == null || stopped || !inbox.isEmpty()) {
                return false;
            }
            current = connection;
        }
        var own = subscriptions.stream()
                .filter(each -> each.queue().equals(queue))
                .count();
        try {
            return current.mayOthersBeIdle(queue, (int) own, unsettledByQueue().getOrDefault(queue, 0));
        } catch (IOException | ShutdownSignalException e) { // also where all channels are taken
            LOG.debug("not known whether others are idle queue={} reason={}", queue, e.toString());
            return false;
        }
    }

    /**
     * Deliveries whose tasks have ended, but which cannot be settled now: a subscription that is full of them retires, and
     * another one takes its place. To be called again and again.
     */
    public synchronized void makeRoom(List<Delivery> aside) {
        var current = connection;
        if (current == null || stopped || aside.isEmpty()) {
            return;
        }
        try {
            for (var subscription : List.copyOf(subscriptions)) {
                var idle = aside.stream()
                        .filter(delivery -> delivery.subscription() == subscription)
                        .count();
                if (idle > 0 && idle * 2 >= prefetch) {
                    subscriptions.add(
                            subscribe(current, subscription.queue())); // first: there may be no channel for it
                    subscriptions.remove(subscription);
                    retire(subscription, false);
                }
            }
        } catch (NoChannelException e) {
            LOG.debug("no room made queues={} reason={}", queues, e.getMessage());
        } catch (IOException | ShutdownSignalException e) {
            LOG.debug("no room made, the connection is gone reason={}", e.toString());
            current.reopen();
        }
    }

    /** Whether it holds all that it may of what cannot be settled: it does not count as ready then. Any thread. */
    public synchronized void full(boolean isFull) {
        if (isFull != full) {
            full = isFull;
            readiness.accept(connection != null && !full);
        }
    }

    /** Whether another subscription holds something: with a prefetch of one the running task, where no message must wait. */
    private boolean isHeldElsewhere() {
        return Stream.concat(retiring.stream(), renewal.copies().stream())
                .anyMatch(subscription -> subscription.held() > 0);
    }

    /** Takes no more, and gives back what was not begun. Completes when all that was begun is settled. */
    public synchronized CompletableFuture<Void> stop() {
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
                .thenCompose(nothing -> renewal.closeOnceSettled());
    }

    /** Subscribes to the queues that are not consumed, in their order. */
    @GuardedBy("this")
    private void subscribe(TaskConnection current) throws IOException {
        for (var queue : queues) {
            if (subscriptions.stream().noneMatch(each -> each.queue().equals(queue))) {
                subscriptions.add(subscribe(current, queue));
            }
        }
    }

    @GuardedBy("this")
    private Subscription subscribe(TaskConnection current, String queue) throws IOException {
        if (renewal.needsArgument()) {
            var channel = current.openProbe();
            try {
                var subscription = new Subscription(channel, queue, inbox, settler, current::reopen)
                        .consume(queue, prefetch, PATIENCE);
                channel.watch();
                return subscription;
            } catch (IOException e) {
                if (!channel.hasRefused(e)) {
                    throw e;
                }
                // A classic queue, which has no timeout and takes no argument about it.
                LOG.debug("consuming without a timeout of our own queue={} reason={}", queue, e.getCause());
            }
        }
        return new Subscription(current.openChannel(), queue, inbox, settler, current::reopen)
                .consume(queue, prefetch, Map.of());
    }

    private void retire(Subscription subscription, boolean giveBack) throws IOException {
        retiring.add(subscription);
        subscription.retire(giveBack).thenRun(() -> retiring.remove(subscription));
    }
}
