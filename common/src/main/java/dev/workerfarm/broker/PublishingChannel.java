package dev.workerfarm.broker;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.error.EncodeException;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One channel's life, with publisher confirms, and what is unconfirmed on it. The writer publishes; confirms, returns and
 * the channel's end come on amqp-client's thread.
 */
final class PublishingChannel {
    private static final Logger LOG = LoggerFactory.getLogger(PublishingChannel.class);

    /** What becomes of messages; called on amqp-client's thread, or the writer's. */
    interface Fate {
        void taken(PendingMessage message);

        /** A mandatory message came back; {@link #failed} follows. */
        void returned();

        /** By a nack, which says nothing of this very message. */
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
    /** By System.nanoTime; belongs to the writer. */
    private long lastPublishNanos;

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
                refusedToDeclare(message, signal);
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
    private void refusedToDeclare(PendingMessage message, ShutdownSignalException signal) {
        var why = "the broker refuses to declare what it needs: " + signal.getReason();
        var code = signal.getReason() instanceof AMQP.Channel.Close close ? close.getReplyCode() : 0;
        if (code == AMQP.ACCESS_REFUSED || code == AMQP.PRECONDITION_FAILED) { // a permission, a limit, other arguments
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

    /** Waits until nothing is unconfirmed, or the channel has ended. */
    synchronized void awaitSettled() throws InterruptedException {
        while (open && !unconfirmed.isEmpty()) {
            wait();
        }
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
        fate.returned();
        var message = unconfirmed.get(tag);
        if (message != null) {
            returned.put(tag, reason);
            if (topology.declares(message.queue)) {
                connection.reopen(); // somebody has deleted it, and the next session declares it
            }
        }
    }

    private void settle(long tag, boolean multiple, boolean taken) {
        var those = multiple ? unconfirmed.headMap(tag, true) : unconfirmed.subMap(tag, true, tag, true);
        for (var entry = those.pollFirstEntry(); entry != null; entry = those.pollFirstEntry()) {
            var reason = returned.remove(entry.getKey());
            if (reason != null) {
                fate.failed(entry.getValue(), "the broker returned it: " + reason);
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
