package dev.workerfarm.pool.transport;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.loop.Loop;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Acks a channel's replies in groups (AMQP basic.ack, multiple), as each ack is work for the broker too: so many replies at a time, or
 * so many bytes, or what there is a moment later. Threads may share it.
 */
final class ReplyAcks {
    private static final Logger LOG = LoggerFactory.getLogger(ReplyAcks.class);
    private static final String THREAD = "workerfarm-reply-acks";
    private static final int MOST = 64;
    private static final int MOST_BYTES = 256 * 1024;
    private static final Duration MOMENT = Duration.ofMillis(20);
    private static final ScheduledExecutorService LATER =
            Executors.newSingleThreadScheduledExecutor(task -> Loop.daemon(THREAD, task));

    private final Channel channel;

    @GuardedBy("this")
    private long last;

    @GuardedBy("this")
    private int unacked;

    @GuardedBy("this")
    private long unackedBytes;

    @GuardedBy("this")
    private boolean isPlanned;

    ReplyAcks(Channel channel) {
        this.channel = channel;
    }

    /** The reply has been handed on, and so have all that were delivered before. */
    synchronized void taken(Delivery reply) {
        last = reply.getEnvelope().getDeliveryTag();
        unacked++;
        unackedBytes += reply.getBody().length;
        if (unacked >= MOST || unackedBytes >= MOST_BYTES) {
            ack();
        } else if (!isPlanned) {
            isPlanned = true;
            LATER.schedule(Loop.job(THREAD, this::ackLate), MOMENT.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void ackLate() {
        isPlanned = false;
        if (unacked > 0) {
            ack();
        }
    }

    @GuardedBy("this")
    private void ack() {
        unacked = 0;
        unackedBytes = 0;
        try {
            channel.basicAck(last, true);
        } catch (IOException | ShutdownSignalException e) {
            LOG.debug("replies not acked, they come again and are dropped reason={}", e.toString());
        }
    }
}
