package dev.workerfarm.broker;

import dev.workerfarm.loop.Backoff;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replaces a channel that RabbitMQ serves no more after the loss of a node, seen on 3.10. It may have forgotten a message for a
 * quorum queue that had no leader at that moment. And a channel keeps to the leader that it saw first: if that one is on a node
 * that is down it refuses all messages, while a new channel sees the present leader. Belongs to the writer.
 */
final class ChannelWatch {
    static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    private static final Logger LOG = LoggerFactory.getLogger(ChannelWatch.class);
    private static final Duration FIRST_RENEWAL = Duration.ofSeconds(1);
    private static final Duration LONGEST_RENEWAL = Duration.ofMinutes(1);
    private static final Duration FIRST_PATIENCE = Duration.ofSeconds(15);
    private static final Duration LONGEST_PATIENCE = Duration.ofMinutes(2);

    private final FullQueues full;
    private final Backoff renewals = new Backoff(FIRST_RENEWAL, LONGEST_RENEWAL);
    private final Backoff patiences = new Backoff(FIRST_PATIENCE, LONGEST_PATIENCE);
    private Duration patience = patiences.next();
    private long lookedNanos = System.nanoTime();
    private long renewNanos = lookedNanos;
    /** Its connection is given up. */
    private @Nullable PublishingChannel forgetful;

    ChannelWatch(FullQueues full) {
        this.full = full;
    }

    /** To be called every second or more often; may wait for a second, and may end the channel. */
    void look(PublishingChannel channel, int unconfirmed) throws InterruptedException {
        var now = System.nanoTime();
        if (now - lookedNanos < LOOK_EVERY.toNanos()) {
            return;
        }
        lookedNanos = now;
        lookForRefusals(channel, now);
        if (unconfirmed == 0) {
            patiences.reset();
            patience = patiences.next();
        } else if (channel != forgetful && channel.isForgotten(patience)) {
            LOG.warn(
                    "the broker neither confirms nor refuses a message, publishing again on another connection "
                            + "seconds={} unconfirmed={}",
                    patience.toSeconds(),
                    unconfirmed);
            forgetful = channel;
            patience = patiences.next();
            channel.connection().reopen();
        }
    }

    private void lookForRefusals(PublishingChannel channel, long now) throws InterruptedException {
        if (full.isEmpty()) {
            renewals.reset();
            renewNanos = now + renewals.next().toNanos();
        } else if (now - renewNanos >= 0
                && full.refusesSince(now - FIRST_RENEWAL.toNanos())
                && channel.awaitSettled()) { // so that nothing has to be published twice
            LOG.debug("a queue takes no messages, trying another channel");
            renewNanos = now + renewals.next().toNanos();
            channel.abort();
        }
    }
}
