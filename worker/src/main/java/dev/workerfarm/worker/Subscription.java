package dev.workerfarm.worker;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.message.RunningCopy;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One consumer of one queue on a channel of its own, with a prefetch that never changes: another prefetch is another
 * subscription. Deliveries go to the inbox, copies of long tasks' messages to the {@link Settler}, whose thread settles both
 * here.
 */
final class Subscription {
    private static final Logger LOG = LoggerFactory.getLogger(Subscription.class);

    private final Channel channel;
    private final String queue;
    private final BlockingQueue<Delivery> inbox;
    private final Settler settler;
    private final Runnable cancelledByBroker;
    private final Consumer<Delivery> taker;
    private final TreeMap<Long, Held> unsettled = new TreeMap<>(); // by tag, guarded by this
    private String consumerTag = ""; // written before the first delivery can be settled
    private volatile int held; // the size of unsettled, to be read without waiting
    private boolean retired; // guarded by this
    private boolean cancelled; // guarded by this: no delivery comes any more
    private volatile boolean givingBack;
    private final CompletableFuture<Void> settled = new CompletableFuture<>();

    /** A delivery, and when it came, by System.nanoTime. */
    private record Held(Delivery delivery, long sinceNanos) {}

    private Subscription(
            Channel channel,
            String queue,
            BlockingQueue<Delivery> inbox,
            Settler settler,
            Consumer<Delivery> taker,
            Runnable cancelledByBroker) {
        this.channel = channel;
        this.queue = queue;
        this.inbox = inbox;
        this.settler = settler;
        this.taker = taker;
        this.cancelledByBroker = cancelledByBroker;
    }

    /**
     * Starts consuming.
     *
     * @param arguments of the consumer
     * @param cancelledByBroker runs when the queue is deleted under us
     */
    static Subscription open(
            Channel channel,
            String queue,
            int prefetch,
            Map<String, Object> arguments,
            BlockingQueue<Delivery> inbox,
            Settler settler,
            Runnable cancelledByBroker)
            throws IOException {
        var subscription = new Subscription(channel, queue, inbox, settler, inbox::add, cancelledByBroker);
        channel.basicQos(prefetch);
        subscription.consumerTag = channel.basicConsume(queue, false, arguments, subscription.new Receiver());
        return subscription;
    }

    /**
     * Starts consuming copies, as many as there are: each stands for a message that is held here anyway.
     *
     * @param copies the queue where they are
     * @param queue the queue that they came from, and belong to
     */
    static Subscription openCopies(
            Channel channel,
            String copies,
            String queue,
            BlockingQueue<Delivery> inbox,
            Settler settler,
            Runnable cancelledByBroker)
            throws IOException {
        var subscription = new Subscription(channel, queue, inbox, settler, settler::arrived, cancelledByBroker);
        subscription.consumerTag = channel.basicConsume(copies, false, subscription.new Receiver());
        return subscription;
    }

    /** The queue that its messages belong to. */
    String queue() {
        return queue;
    }

    /** How many deliveries it has that are not settled yet. */
    int held() {
        return held;
    }

    /**
     * Takes no more deliveries; those already here are settled as usual. The channel closes when the last one is.
     *
     * @param giveBack whether what was not begun goes back to the queue
     * @return completes when everything is settled, or the connection is lost
     */
    CompletableFuture<Void> retire(boolean giveBack) throws IOException {
        givingBack = giveBack;
        channel.basicCancel(consumerTag);
        if (giveBack) {
            for (var delivery : List.copyOf(inbox)) {
                // Whoever removes it owns it: an executor may be faster.
                if (delivery.subscription() == this && inbox.remove(delivery)) {
                    settler.giveBack(delivery);
                }
            }
        }
        synchronized (this) {
            retired = true;
            closeIfDone();
        }
        return settled;
    }

    /**
     * Takes what still comes, and closes as soon as nothing is held.
     *
     * @return completes then, or when the connection is lost
     */
    synchronized CompletableFuture<Void> closeOnceSettled() {
        retired = true;
        cancelled = true;
        closeIfDone();
        return settled;
    }

    /** Whether this delivery is not settled yet. */
    synchronized boolean holds(long tag) {
        return unsettled.containsKey(tag);
    }

    /** What has been held for so long, the oldest first. */
    synchronized List<Delivery> heldFor(Duration age) {
        var now = System.nanoTime();
        return unsettled.values().stream()
                .filter(held -> now - held.sinceNanos() >= age.toNanos())
                .map(Held::delivery)
                .toList();
    }

    CompletableFuture<Void> settled() {
        return settled;
    }

    /** The connection is lost: there is nothing more to settle here. */
    void lost() {
        settled.complete(null);
    }

    /** Acks these deliveries in as few frames as can be: one for all up to the oldest unsettled one (AMQP basic.ack multiple). */
    synchronized void ack(List<Long> tags) throws IOException {
        tags.forEach(unsettled::remove);
        held = unsettled.size();
        var floor = unsettled.isEmpty() ? Long.MAX_VALUE : unsettled.firstKey();
        var highestBelow = tags.stream()
                .filter(tag -> tag < floor)
                .mapToLong(Long::longValue)
                .max();
        if (highestBelow.isPresent()) {
            channel.basicAck(highestBelow.getAsLong(), true);
        }
        for (var tag : tags) {
            if (tag > floor) {
                channel.basicAck(tag, false);
            }
        }
        closeIfDone();
    }

    /** Gives one delivery back to the queue, for another worker. */
    synchronized void giveBack(long tag) throws IOException {
        unsettled.remove(tag);
        held = unsettled.size();
        channel.basicNack(tag, false, true);
        closeIfDone();
    }

    private void closeIfDone() {
        if (retired && cancelled && unsettled.isEmpty()) {
            abort();
            settled.complete(null);
        }
    }

    /** Closes the channel whatever state it is in. */
    private void abort() {
        try {
            channel.abort();
        } catch (IOException | ShutdownSignalException e) {
            LOG.debug("already gone queue={}", queue);
        }
    }

    private synchronized void received(Delivery delivery) {
        unsettled.put(delivery.tag(), new Held(delivery, System.nanoTime()));
        held = unsettled.size();
    }

    /** Runs on amqp-client's dispatch thread. */
    private final class Receiver extends DefaultConsumer {
        Receiver() {
            super(channel);
        }

        @Override
        public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
            var delivery = new Delivery(
                    Subscription.this,
                    envelope.getDeliveryTag(),
                    queue,
                    // What comes back from a copy's queue the broker does not mark: it was published there only once.
                    envelope.isRedeliver() || RunningCopy.isCopy(properties),
                    properties,
                    body);
            received(delivery);
            if (givingBack) {
                settler.giveBack(delivery); // it was on its way when we cancelled
            } else {
                taker.accept(delivery);
            }
        }

        /** Comes behind the last delivery, on the same thread. */
        @Override
        public void handleCancelOk(String tag) {
            synchronized (Subscription.this) {
                cancelled = true;
                closeIfDone();
            }
        }

        @Override
        public void handleCancel(String tag) {
            LOG.warn("consumer cancelled by the broker, was the queue deleted? queue={}", queue);
            cancelledByBroker.run();
        }
    }
}
