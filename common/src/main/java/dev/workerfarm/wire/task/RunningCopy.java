package dev.workerfarm.wire.task;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.wire.Body;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Headers;
import java.time.Duration;

/**
 * A copy of a task message by which a worker process goes on holding it: as it came, to the byte, but for a header with a
 * number. It keeps the header when it goes back to its queue, so that one sees that the message was delivered before.
 * Stateless.
 */
public final class RunningCopy {
    /** How long a copy waits for its worker to take it. */
    public static final Duration TIME_TO_LIVE = Duration.ofSeconds(5);

    private RunningCopy() {}

    /** The copy, with a number from 1 that no other copy of the process has. */
    public static EncodedMessage of(AMQP.BasicProperties properties, byte[] body, long number) {
        var headers = PostponedMessage.headers(properties);
        headers.put(Headers.RUNNING_COPY, number);
        return new EncodedMessage(Body.again(properties, headers), body);
    }

    /** Whether a message is such a copy, whoever made it. */
    public static boolean isCopy(AMQP.BasicProperties properties) {
        return numberOf(properties) > 0;
    }

    /** A copy's number; 0: it is none. */
    public static long numberOf(AMQP.BasicProperties properties) {
        return properties.getHeaders() != null
                        && properties.getHeaders().get(Headers.RUNNING_COPY) instanceof Long number
                ? number
                : 0;
    }
}
