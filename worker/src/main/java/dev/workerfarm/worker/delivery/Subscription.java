package dev.workerfarm.worker.delivery;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import dev.workerfarm.wire.task.PostponedMessage;
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
 * subscription. Deliveries go to the inbox, copies of long tasks' messages to the {@link Settler}, whose thread settles
 * both here.
 */
public final class Subscription {
    private static final Logger LOG = LoggerFactory.getLogger(Subscription.class);

    private final TaskChannel channel;
    private final String queue;
    private final BlockingQueue<Delivery> inbox;
    private final Settler settler;
    private final Runnable whenCancelledByBroker;
    /** By delivery tag. */
    @GuardedBy("this")
    private final TreeMap<Long, Held> unsettled = new TreeMap<>();

    /** The size of {@link #unsettled}, to be read without the lock. */
    private volatile int held;

    @GuardedBy("this")
    private boolean retired;

    /** No delivery comes any more. */
    @GuardedBy("this")
    private boolean cancelled;

    private volatile boolean givingBack;
    private final CompletableFuture<Void> settled = new CompletableFuture<>();

    /** A delivery, and when it came, by System.nanoTime. */
    private record Held(Delivery delivery, long sinceNanos) {}

    /**
     * @param queue the queue that its messages belong to
     * @param whenCancelledByBroker runs when the queue is deleted under us
     */
    public Subscription(
            TaskChannel channel,
            String queue,
            BlockingQueue<Delivery> inbox,
            Settler settler,
            Runnable whenCancelledByBroker) {
        this.channel = channel;
        this.queue = queue;
        this.inbox = inbox;
        this.settler = settler;
        this.whenCancelledByBroker = whenCancelledByBroker;
    }

    /**
     * Starts consuming: its queue, or the queue of this process for copies of its queue's messages. A copy stands for a message
     * that is held here, so these have no prefetch (0).
     */
    public Subscription consume(String source, int prefetch, Map<String, Object> arguments) throws IOException {
        channel.consume(
                source, prefetch, arguments, new Receiver(source.equals(queue) ? inbox::add : settler::arrived));
        return this;
    }

    /** The queue that its messages belong to. */
    String queue() {
        return queue;
    }

    /** How many deliveries it has that are not settled yet. */
    public int held() {
        return held;
    }

    /** Takes no more, gives back what was not begun if asked to, and closes when nothing is left; completes then. */
    CompletableFuture<Void> retire(boolean giveBack) throws IOException {
        givingBack = giveBack;
        channel.cancel();
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

    /** Takes what still comes, and closes as soon as nothing is held; completes then, or when the connection is lost */
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

    /** Whether this delivery is not settled yet and came less than so long ago. */
    public synchronized boolean holds(long tag, Duration age) {
        var delivery = unsettled.get(tag);
        return delivery != null && System.nanoTime() - delivery.sinceNanos() < age.toNanos();
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
            channel.ack(highestBelow.getAsLong(), true);
        }
        for (var tag : tags) {
            if (tag > floor) {
                channel.ack(tag, false);
            }
        }
        closeIfDone();
    }

    /** Gives one delivery back to the queue, for another worker. */
    synchronized void giveBack(long tag) throws IOException {
        unsettled.remove(tag);
        held = unsettled.size();
        channel.giveBack(tag);
        closeIfDone();
    }

    @GuardedBy("this")
    private void closeIfDone() {
        if (retired && cancelled && unsettled.isEmpty()) {
            channel.close();
            settled.complete(null);
        }
    }

    /** Runs on the connection's thread. */
    private final class Receiver extends DefaultConsumer {
        private final Consumer<Delivery> taker;

        Receiver(Consumer<Delivery> taker) {
            super(null); // it acks by the task channel
            this.taker = taker;
        }

        @Override
        public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
            // The broker does not mark a message that was published again.
            var isAgain = envelope.isRedeliver() || PostponedMessage.isPublishedAgain(properties);
            var delivery = new Delivery(Subscription.this, envelope.getDeliveryTag(), queue, isAgain, properties, body);
            synchronized (Subscription.this) {
                unsettled.put(delivery.tag(), new Held(delivery, System.nanoTime()));
                held = unsettled.size();
            }
            if (PostponedMessage.isReturnedOften(properties)) {
                settler.publishAgain(delivery, () -> take(delivery));
            } else {
                take(delivery);
            }
        }

        private void take(Delivery delivery) {
            if (givingBack) {
                settler.giveBack(delivery); // it was on its way when the consumer was cancelled
            } else {
                taker.accept(delivery);
            }
        }

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
            whenCancelledByBroker.run();
        }
    }
}
