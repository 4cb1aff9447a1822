package dev.workerfarm.wire;

import dev.workerfarm.json.DecodeException;
import org.jspecify.annotations.Nullable;

/**
 * Where a stranger wants an answer: the name of a queue, which is there or not. RabbitMQ's direct reply-to (its documentation,
 * "Direct Reply-to") is refused: behind the prefix comes an encoded process of the broker's, and when it is not one, or one of
 * a node that is gone, RabbitMQ closes the connection of whoever answers (tried on 3.10: 541 INTERNAL_ERROR). One message would
 * take every worker's publishing connection in turn, and all results that are on it.
 */
public final class ReplyAddress {
    private static final String DIRECT = "amq.rabbitmq.reply-to";

    private ReplyAddress() {}

    /** Whether it can be answered, or is none: null or empty. */
    static boolean isSound(@Nullable String address) {
        return address == null || !address.startsWith(DIRECT);
    }

    /**
     * Checks a reply address.
     *
     * @throws DecodeException if it cannot be answered
     */
    public static void require(@Nullable String address) {
        if (!isSound(address)) {
            throw new DecodeException("reply_to must name a queue; RabbitMQ's direct reply-to is not answered");
        }
    }
}
