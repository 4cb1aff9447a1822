package dev.workerfarm.worker;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One consumer of one queue on a channel of its own, with a prefetch that never changes: another prefetch is another
 * subscription. Deliveries go to the inbox; the {@link Settler}'s thread settles them here.
 */
final class Subscription {
    private static final Logger LOG = LoggerFactory.getLogger(Subscription.class);

    private final Channel channel;
    private final String queue;
    private final BlockingQueue<Delivery> inbox;
    private final Settler settler;
    private final Runnable cancelledByBroker;
    private final TreeSet<Long> unsettled = new TreeSet<>(); // guarded by this
    private String consumerTag = ""; // written before the first delivery can be settled
    private volatile int held; // the size of unsettled, to be read without waiting
    private boolean retired; // guarded by this
    private boolean cancelled; // guarded by this: no delivery comes any more
    private volatile boolean givingBack;
    private final CompletableFuture<Void> settled = new CompletableFuture<>();

    private Subscription(
            Channel channel, String queue, BlockingQueue<Delivery> inbox, Settler settler, Runnable cancelledByBroker) {
        this.channel = channel;
        this.queue = queue;
        this.inbox = inbox;
        this.settler = settler;
        this.cancelledByBroker = cancelledByBroker;
    }

    /** Starts consuming. {@code cancelledByBroker} runs when the queue is deleted under us. */
    static Subscription open(
            Channel channel,
            String queue,
            int prefetch,
            BlockingQueue<Delivery> inbox,
            Settler settler,
            Runnable cancelledByBroker)
            throws IOException {
        var subscription = new Subscription(channel, queue, inbox, settler, cancelledByBroker);
        channel.basicQos(prefetch);
        subscription.consumerTag = channel.basicConsume(queue, false, subscription.new Receiver());
        return subscription;
    }

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
        var floor = unsettled.isEmpty() ? Long.MAX_VALUE : unsettled.first();
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

    private synchronized void received(long tag) {
        unsettled.add(tag);
        held = unsettled.size();
    }

    /** Runs on amqp-client's dispatch thread. */
    private final class Receiver extends DefaultConsumer {
        Receiver() {
            super(channel);
        }

        @Override
        public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
            received(envelope.getDeliveryTag());
            var delivery = new Delivery(
                    Subscription.this, envelope.getDeliveryTag(), queue, envelope.isRedeliver(), properties, body);
            if (givingBack) {
                settler.giveBack(delivery); // it was on its way when we cancelled
            } else {
                inbox.add(delivery);
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
