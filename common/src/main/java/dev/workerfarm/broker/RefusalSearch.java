package dev.workerfarm.broker;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ShutdownSignalException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the message for which the broker has closed a channel or a connection: it does not say which. Where its text names a
 * size, that tells it. Otherwise the suspects are published one at a time: the one that is on its way at the next close is
 * guilty. Belongs to the writer.
 */
final class RefusalSearch {
    private static final Logger LOG = LoggerFactory.getLogger(RefusalSearch.class);
    /** RabbitMQ: "message size 2097152 is larger than configured max size 1048576". */
    private static final Pattern SIZES = Pattern.compile("message size (\\d+) is larger than (?:\\w+ )*size (\\d+)");

    private static final int BASIC_CLASS = 60;
    private static final int PUBLISH_METHOD = 40;
    /** Frame, syntax, channel, not allowed, internal: what a message can be to blame for (AMQP 0-9-1, 1.2). */
    private static final Set<Integer> OF_A_MESSAGE = Set.of(
            AMQP.FRAME_ERROR, AMQP.SYNTAX_ERROR, 505, AMQP.CHANNEL_ERROR, AMQP.NOT_ALLOWED, 540, AMQP.INTERNAL_ERROR);

    private static final int LOSSES_WITH_A_REASON = 2;
    private static final int LOSSES_WITHOUT = 3;
    /** A connection that is lost later has another reason than the message that was published last. */
    private static final Duration PROMPTLY = Duration.ofSeconds(2);
    /** A further refusal that comes so soon is found without suspects: until then messages go one at a time. */
    private static final Duration BETWEEN_SEARCHES = Duration.ofSeconds(10);

    /** A message that is refused, and why. */
    record Guilty(PendingMessage message, String reason) {
        /** Whether any other message would be refused as well: the user lacks a right, perhaps for a time. */
        boolean isForAll() {
            return reason.startsWith("ACCESS_REFUSED");
        }
    }

    private long largestBody = Long.MAX_VALUE;
    /** Up to this number messages are suspects. */
    private long lastSuspect;

    private @Nullable Long lastSearchNanos;
    private boolean careful;

    /** The most bytes that a body may have, as far as is known. */
    long largestBody() {
        return largestBody;
    }

    /** Another connection may have another limit. */
    void connected() {
        largestBody = Long.MAX_VALUE;
    }

    /** Whether this message has to be the only one on its way. */
    boolean isSuspect(PendingMessage message, long nowNanos) {
        careful = careful && isSoonAfterASearch(nowNanos);
        return careful || message.number <= lastSuspect;
    }

    /** A close that the broker blames on a publish: the connection stays. A missing exchange is declared by the next one. */
    static boolean isRefusal(@Nullable ShutdownSignalException end) {
        return end != null
                && end.getReason() instanceof AMQP.Channel.Close close
                && close.getClassId() == BASIC_CLASS
                && close.getMethodId() == PUBLISH_METHOD
                && close.getReplyCode() != AMQP.NOT_FOUND;
    }

    /**
     * A channel has ended, with these messages unconfirmed, the oldest first. Returns the one that is to blame, or null: none
     * is, or the search goes on.
     *
     * @param quietNanos how long nothing had been published on it
     */
    @Nullable
    Guilty ended(
            List<PendingMessage> unconfirmed, @Nullable ShutdownSignalException end, long quietNanos, long nowNanos) {
        if (unconfirmed.isEmpty() || end == null) {
            return null;
        }
        if (isRefusal(end)) {
            return refused(unconfirmed, ((AMQP.Channel.Close) end.getReason()).getReplyText(), nowNanos);
        }
        return lost(unconfirmed, end, quietNanos, nowNanos);
    }

    private @Nullable Guilty refused(List<PendingMessage> unconfirmed, String reason, long nowNanos) {
        var sizes = SIZES.matcher(reason);
        if (sizes.find()) {
            var size = Long.parseLong(sizes.group(1));
            for (var message : unconfirmed) {
                if (message.bytes() == size) {
                    largestBody = Long.parseLong(sizes.group(2));
                    return new Guilty(message, reason);
                }
            }
        }
        if (unconfirmed.size() == 1) {
            return new Guilty(unconfirmed.get(0), reason);
        }
        search(unconfirmed, reason, nowNanos);
        return null;
    }

    /** The connection is gone: mostly no message's fault. */
    private @Nullable Guilty lost(
            List<PendingMessage> unconfirmed, ShutdownSignalException end, long quietNanos, long nowNanos) {
        var hasReason = end.getReason() instanceof AMQP.Channel.Close
                || (end.getReason() instanceof AMQP.Connection.Close close
                        && OF_A_MESSAGE.contains(close.getReplyCode()));
        if (!hasReason && quietNanos > PROMPTLY.toNanos()) {
            return null;
        }
        var head = unconfirmed.get(0);
        var isAlone = unconfirmed.size() == 1;
        var losses = isAlone ? ++head.lossesAlone : ++head.losses;
        if (losses < (hasReason ? LOSSES_WITH_A_REASON : LOSSES_WITHOUT)) {
            return null;
        }
        var reason = String.valueOf(end.getReason() == null ? "it breaks off" : end.getReason());
        if (isAlone) {
            return new Guilty(head, "the connection ends each time that it is published: " + reason);
        }
        search(unconfirmed, reason, nowNanos);
        return null;
    }

    private void search(List<PendingMessage> suspects, String reason, long nowNanos) {
        careful = isSoonAfterASearch(nowNanos);
        lastSearchNanos = nowNanos;
        lastSuspect = suspects.get(suspects.size() - 1).number;
        LOG.warn("the broker refuses a message, searching for it suspects={} reason={}", suspects.size(), reason);
    }

    private boolean isSoonAfterASearch(long nowNanos) {
        return lastSearchNanos != null && nowNanos - lastSearchNanos < BETWEEN_SEARCHES.toNanos();
    }
}
