package dev.workerfarm.pool.transport;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.broker.SupervisedConnection.OpenConnection;
import dev.workerfarm.broker.Topology;
import dev.workerfarm.broker.Topology.QueueHome;
import dev.workerfarm.loop.Loop;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Consumes a producer's reply queue. While the broker's node that has it is down, workers turn to the queue with the next number
 * ({@link QueueNames#nextReplies}), and so on: those are consumed too, and after a reconnection looked for. Replies that
 * lie on a node that stays down may be lost. Threads may share it.
 */
final class ReplyConsumer {
    private static final Logger LOG = LoggerFactory.getLogger(ReplyConsumer.class);
    private static final int PREFETCH = 512;
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    /** A worker may remember for 10 s that a node is down. */
    private static final Duration LOOK_FOR = Duration.ofSeconds(20);
    /** So long a restart of a broker's node may take. */
    private static final Duration GIVE_UP_AFTER = Duration.ofSeconds(10);

    private static final Executor LATER = CompletableFuture.delayedExecutor(
            LOOK_EVERY.toMillis(),
            TimeUnit.MILLISECONDS,
            task -> Loop.daemon("workerfarm-reply-queues", task).start());

    /** Takes a reply, on amqp-client's thread. */
    interface Receiver {
        void receive(ReplyAcks acks, Delivery reply);
    }

    private final String queue;
    private final Receiver receiver;
    private final Transport.Listener listener;

    @GuardedBy("this")
    private @Nullable OpenConnection current;

    @GuardedBy("this")
    private @Nullable ReplyAcks acks;

    @GuardedBy("this")
    private boolean seen;

    /** Whether replies may be lost and the listener does not know yet: a connection may break before it is told. */
    @GuardedBy("this")
    private boolean gone;

    @GuardedBy("this")
    private long openedNanos;

    /** The reply queue, and those that workers have taken instead. */
    @GuardedBy("this")
    private final List<String> queues = new ArrayList<>();

    /** Those of which the node is down: since when, by System.nanoTime. */
    @GuardedBy("this")
    private final Map<String, Long> downSince = new HashMap<>();

    /** Those of them whose replies were asked for again. */
    @GuardedBy("this")
    private final Set<String> givenUp = new HashSet<>();

    ReplyConsumer(String queue, Receiver receiver, Transport.Listener listener) {
        this.queue = queue;
        this.receiver = receiver;
        this.listener = listener;
    }

    /** Consumes on a new connection. An IOException: it cannot, and another connection is needed. */
    synchronized void opened(OpenConnection opened) throws IOException {
        var channel = opened.openChannel();
        channel.basicQos(PREFETCH);
        acks = new ReplyAcks(channel);
        queues.clear();
        if (seen) {
            consumeAgain(opened, channel);
        } else {
            consume(opened, channel, queue);
        }
        current = opened;
        openedNanos = System.nanoTime();
        if (seen) {
            LATER.execute(Loop.job("reply queues", () -> look(opened)));
        }
        seen = true;
        tell();
    }

    @GuardedBy("this")
    private void consumeAgain(OpenConnection opened, Channel channel) throws IOException {
        var home = QueueHome.of(opened, queue);
        gone |= !home.exists();
        Set<String> down = new HashSet<>();
        for (var next = queue; next != null; next = QueueNames.nextReplies(next)) {
            home = next.equals(queue) ? home : QueueHome.of(opened, next);
            var isLast = queues.isEmpty() || down.contains(queues.get(queues.size() - 1));
            if (!home.exists() && !isLast) {
                break;
            }
            if (home.isDown()) {
                down.add(next);
                queues.add(next);
                if (downSince.putIfAbsent(next, System.nanoTime()) == null) {
                    LOG.warn("the node that has the reply queue is down queue={} node={}", next, home.downNode());
                }
            } else {
                consume(opened, channel, next);
            }
        }
        downSince.keySet().retainAll(down);
        givenUp.retainAll(down);
    }

    @GuardedBy("this")
    private void consume(OpenConnection opened, Channel channel, String next) throws IOException {
        Topology.declareReplies(channel, opened.dialect(), next);
        // A cancel by the broker says that the queue was deleted, or that its node is down.
        var present = Objects.requireNonNull(acks);
        channel.basicConsume(next, false, (tag, reply) -> receiver.receive(present, reply), tag -> opened.reopen());
        queues.add(next);
    }

    /** The connection is gone. */
    synchronized void lost() {
        current = null;
    }

    /** The end: deletes the queues that can be deleted; others expire by themselves. */
    synchronized void delete() {
        var last = current;
        current = null;
        if (last == null) {
            return;
        }
        try {
            for (var each : queues) {
                if (!downSince.containsKey(each)) {
                    last.openChannel().queueDelete(each);
                }
            }
        } catch (IOException | ShutdownSignalException e) {
            LOG.debug("reply queue not deleted, it expires by itself reason={}", e.toString());
        }
    }

    /** Replies do not come: looks once, soon. Workers may have turned to another queue though this connection was never lost. */
    synchronized void lookSoon() {
        var present = current;
        if (present != null) {
            LATER.execute(Loop.job("reply queues", () -> lookOnce(present)));
        }
    }

    /** Looks, and again in a second while that is of use. */
    private synchronized void look(OpenConnection opened) {
        lookOnce(opened);
        if (current == opened && (!downSince.isEmpty() || System.nanoTime() - openedNanos < LOOK_FOR.toNanos())) {
            LATER.execute(Loop.job("reply queues", () -> look(opened)));
        }
    }

    /** Has the connection opened again where there is another queue to consume. */
    private synchronized void lookOnce(OpenConnection opened) {
        if (current != opened) {
            return;
        }
        try {
            for (var each : downSince.keySet()) {
                if (!QueueHome.of(opened, each).isDown()) {
                    opened.reopen();
                    return;
                }
            }
            var next = QueueNames.nextReplies(queues.get(queues.size() - 1));
            if (next != null && QueueHome.of(opened, next).exists()) {
                opened.reopen();
                return;
            }
        } catch (IOException | ShutdownSignalException e) {
            LOG.debug("reply queues not looked for reason={}", e.toString());
        }
        var now = System.nanoTime();
        downSince.forEach((each, since) -> {
            if (now - since >= GIVE_UP_AFTER.toNanos() && givenUp.add(each)) {
                LOG.warn(
                        "the node that has the reply queue stays down seconds={} queue={}",
                        GIVE_UP_AFTER.toSeconds(),
                        each);
                gone = true;
            }
        });
        tell();
    }

    @GuardedBy("this")
    private void tell() {
        if (gone) {
            listener.lost();
            gone = false;
        }
    }
}
