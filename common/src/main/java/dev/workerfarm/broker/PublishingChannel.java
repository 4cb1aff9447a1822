package dev.workerfarm.broker;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.broker.Topology.QueueHome;
import dev.workerfarm.error.EncodeException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One channel's life, with publisher confirms, and what is unconfirmed on it. The writer publishes; confirms, returns and
 * the channel's end come on amqp-client's thread.
 */
final class PublishingChannel {
    private static final long LOOK_MILLIS = ChannelWatch.LOOK_EVERY.toMillis();
    private static final Logger LOG = LoggerFactory.getLogger(PublishingChannel.class);

    /** What becomes of messages; called on amqp-client's thread, or the writer's. */
    interface Fate {
        void taken(PendingMessage message);

        /** A mandatory message came back: its queue does not exist, or the node that has the queue is down. */
        void returned(PendingMessage message, String why);

        /** Nothing is wrong with this very message: a nack, or a queue of the topology that is not there for now. */
        void refused(PendingMessage message);

        void failed(PendingMessage message, String why);

        /** It cannot be published at all. */
        void unfit(PendingMessage message, String why);

        /** The channel takes nothing more. */
        void ended();
    }

    private final Channel channel;
    private final SupervisedConnection.OpenConnection connection;
    private final Topology topology;
    private final Fate fate;
    private final DelayedDelivery delays;
    private final Set<String> declaredLater = new HashSet<>(); // belongs to the writer
    private final ConcurrentSkipListMap<Long, PendingMessage> unconfirmed = new ConcurrentSkipListMap<>();
    private final Map<Long, String> returned = new HashMap<>(); // why, by tag; belongs to amqp-client's thread
    private volatile boolean open = true;
    /** By System.nanoTime; belong to the writer. */
    private long lastPublishNanos;

    private long lastBlockedNanos = System.nanoTime();

    private PublishingChannel(
            Channel channel, SupervisedConnection.OpenConnection connection, Topology topology, Fate fate) {
        this.channel = channel;
        this.connection = connection;
        this.topology = topology;
        this.fate = fate;
        this.delays = new DelayedDelivery(connection, Clock.systemUTC());
    }

    static PublishingChannel open(SupervisedConnection.OpenConnection connection, Topology topology, Fate fate)
            throws IOException {
        // Its end is not the connection's: the broker closes it for a message that it refuses (AMQP 0-9-1,
        // basic.publish).
        var channel = connection.openProbe();
        channel.confirmSelect();
        var opened = new PublishingChannel(channel, connection, topology, fate);
        channel.addConfirmListener(
                (tag, multiple) -> opened.settle(tag, multiple, true),
                (tag, multiple) -> opened.settle(tag, multiple, false));
        channel.addReturnListener(
                back -> opened.returned(Long.parseLong(back.getProperties().getMessageId()), back.getReplyText()));
        channel.addShutdownListener(cause -> opened.ended());
        return opened;
    }

    boolean isOpen() {
        return open;
    }

    SupervisedConnection.OpenConnection connection() {
        return connection;
    }

    /** Why the broker, or a lost connection, has ended it; null: nobody has, or we have. */
    @Nullable
    ShutdownSignalException end() {
        var why = channel.getCloseReason();
        return why == null || why.isInitiatedByApplication() ? null : why;
    }

    long lastPublishNanos() {
        return lastPublishNanos;
    }

    /** Publishes, and keeps the message among the unconfirmed; or it has failed, and the fate was told. */
    void publish(PendingMessage message) {
        var tag = channel.getNextPublishSeqNo();
        message.publishedNanos = System.nanoTime();
        unconfirmed.put(tag, message);
        try {
            declareLater(message.queue);
            var route = message.exchange.isEmpty()
                    ? delays.route(message.queue, message.encoded, message.due)
                    : new DelayedDelivery.Route(message.exchange, message.queue, message.encoded);
            var properties = route.message().properties();
            if (message.mandatory) { // a return names it
                properties = properties.builder().messageId("" + tag).build();
            }
            var body = route.message().body();
            lastPublishNanos = System.nanoTime();
            channel.basicPublish(route.exchange(), route.key(), message.mandatory, properties, body);
        } catch (IOException | ShutdownSignalException e) {
            if (channel.isOpen() && e.getCause() instanceof ShutdownSignalException signal && !signal.isHardError()) {
                unconfirmed.remove(tag); // it was not published: the next one has this tag
                refusedToDeclare(message, signal, QueueHome.downNode(e));
                return;
            }
            if (e instanceof Topology.NoChannelException) { // for its declaration
                unconfirmed.remove(tag);
                fate.failed(message, String.valueOf(e.getMessage()));
                return;
            }
            LOG.debug("publish failed {} reason={}", message.target(), e.toString());
            if (channel.isOpen()) {
                connection.reopen(); // no answer to a declaration
            }
            open = false;
        } catch (IllegalArgumentException e) {
            // Such as a queue's name of more than 255 bytes. The channel has counted it, the broker never will.
            unconfirmed.remove(tag);
            fate.unfit(message, "it does not fit AMQP: " + e.getMessage());
            abort();
        } catch (EncodeException e) { // with the header that delays it; nothing was published
            unconfirmed.remove(tag);
            fate.unfit(message, String.valueOf(e.getMessage()));
        }
    }

    /** The broker has closed a channel that declares, and not this one. */
    private void refusedToDeclare(PendingMessage message, ShutdownSignalException signal, @Nullable String downNode) {
        var why = "the broker refuses to declare what it needs: " + signal.getReason();
        var code = signal.getReason() instanceof AMQP.Channel.Close close ? close.getReplyCode() : 0;
        if (downNode != null) {
            fate.refused(message);
        } else if (code == AMQP.ACCESS_REFUSED
                || code == AMQP.PRECONDITION_FAILED) { // a permission, a limit, other arguments
            fate.unfit(message, why);
        } else {
            fate.failed(message, why);
        }
    }

    /** Ends it; its connection stays. */
    void abort() {
        open = false;
        try {
            channel.abort();
        } catch (IOException | ShutdownSignalException e) {
            LOG.debug("the channel is already closed reason={}", e.toString());
        }
    }

    /** Waits until nothing is unconfirmed, or the channel has ended; for a second at the most. True if that is so. */
    synchronized boolean awaitSettled() throws InterruptedException {
        var since = System.nanoTime();
        for (var left = LOOK_MILLIS; open && !unconfirmed.isEmpty() && left > 0; ) {
            wait(left);
            left = LOOK_MILLIS - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
        }
        return !open || unconfirmed.isEmpty();
    }

    /** Whether a message is unconfirmed for so long on a connection that is not blocked. To be called every second or so. */
    boolean isForgotten(Duration patience) {
        var now = System.nanoTime();
        if (connection.isBlocked()) {
            lastBlockedNanos = now;
        }
        var oldest = unconfirmed.firstEntry();
        return oldest != null
                && now - oldest.getValue().publishedNanos > patience.toNanos()
                && now - lastBlockedNanos > patience.toNanos();
    }

    /** Takes out what is unconfirmed, in the order of publishing. After the end. */
    List<PendingMessage> drain() {
        List<PendingMessage> all = new ArrayList<>();
        for (var entry = unconfirmed.pollFirstEntry(); entry != null; entry = unconfirmed.pollFirstEntry()) {
            all.add(entry.getValue());
        }
        return all;
    }

    private void declareLater(String queue) throws IOException {
        if (topology.declaresLater(queue) && !declaredLater.contains(queue)) {
            var probe = connection.openProbe(); // a refusal closes this channel, and not the publishing one
            try {
                Topology.declare(probe, connection.dialect(), queue);
                declaredLater.add(queue);
            } finally {
                probe.abort();
            }
        }
    }

    private void ended() {
        open = false;
        synchronized (this) {
            notifyAll();
        }
        fate.ended();
    }

    private void returned(long tag, String reason) {
        var message = unconfirmed.get(tag);
        if (message != null) {
            returned.put(tag, reason);
            if (topology.declares(message.queue)) {
                connection.reopen(); // somebody has deleted it, and the next session declares it
            }
        }
    }

    /** A queue of the topology is declared again by each connection, so its messages wait for it; another queue stays away. */
    private void returned(PendingMessage message, String reason) {
        if (topology.declares(message.queue)) {
            fate.refused(message);
        } else {
            fate.returned(message, "the broker returned it: " + reason);
        }
    }

    private void settle(long tag, boolean multiple, boolean taken) {
        var those = multiple ? unconfirmed.headMap(tag, true) : unconfirmed.subMap(tag, true, tag, true);
        for (var entry = those.pollFirstEntry(); entry != null; entry = those.pollFirstEntry()) {
            var reason = returned.remove(entry.getKey());
            if (reason != null) {
                returned(entry.getValue(), reason);
            } else if (taken) {
                fate.taken(entry.getValue());
            } else if (connection.dialect()
                    == Dialect.BROKER_J) { // which has no full queues: there is none of that name
                fate.failed(entry.getValue(), "the broker refused it (nack)");
            } else {
                fate.refused(entry.getValue());
            }
        }
        if (unconfirmed.isEmpty()) {
            synchronized (this) {
                notifyAll();
            }
        }
    }
}
