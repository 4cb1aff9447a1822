package dev.workerfarm.wire.task;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.wire.Body;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Headers;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A task message that is to be delivered again: as it came, to the byte, but for a few headers. Stateless. */
public final class PostponedMessage {
    /** How long a running copy waits for its worker to take it. */
    public static final Duration COPY_TIME_TO_LIVE = Duration.ofSeconds(5);

    /** RabbitMQ 4 deletes a message of a quorum queue at its 21st return, also of one that a killed process had not begun. */
    private static final long MOST_RETURNS = 10;

    private static final int MOST_ENTRIES = 10;
    private static final int MAX_FAILURE_CHARS = 500;
    /** What brokers note on a message, and workers on copies. RabbitMQ 3 drops a delayed message with an x-death. */
    private static final Pattern NOTES =
            Pattern.compile("x-death|x-(first|last)-death-|x-(delivery|acquired)-count|x-qpid-|" + Headers.RUNNING_COPY
                    + "|" + Headers.RETURNED);

    private PostponedMessage() {}

    /** One that runs later, its last attempt in its history. Throws EncodeException if its headers get too large. */
    public static EncodedMessage of(
            AMQP.BasicProperties properties, byte[] body, Outcome.Postponed postponed, String worker, Instant now) {
        var headers = headers(properties);
        headers.put(Headers.RETRIES, postponed.attempt());
        headers.put(Headers.ETA, Times.write(postponed.at()));
        headers.put(Headers.PUBLISHED, postponed.at().toEpochMilli()); // it waits for a worker from then on
        var failure = postponed.failure();
        if (failure != null) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("attempt", postponed.attempt() - 1);
            entry.put("at", Times.write(now));
            entry.put("worker", worker);
            entry.put("failure", Failure.cut(failure.type() + ": " + failure.text(), MAX_FAILURE_CHARS, "..."));
            headers.put(Headers.HISTORY, history(headers.get(Headers.HISTORY), entry));
        }
        return new EncodedMessage(Body.again(properties, headers), body);
    }

    /** A chunk whose item at this place has outlasted its hard time limit: the others run. */
    public static EncodedMessage without(AMQP.BasicProperties properties, byte[] body, int item) {
        var headers = headers(properties);
        headers.put(Headers.TIMED_OUT, CallHeaders.withTimedOut(headers, item));
        return new EncodedMessage(Body.again(properties, headers), body);
    }

    /** A part of a chunk: as its message came, but for this body and its own id. */
    static EncodedMessage part(AMQP.BasicProperties properties, byte[] body, String id) {
        var headers = headers(properties);
        headers.put(Headers.ID, id);
        headers.put(Headers.PUBLISHED, System.currentTimeMillis());
        headers.remove(Headers.COMPRESSION);
        return new EncodedMessage(
                Body.again(properties, headers).builder().correlationId(id).build(), body);
    }

    /** A message's headers without what belongs to the way that it came. */
    static Map<String, @Nullable Object> headers(AMQP.BasicProperties properties) {
        Map<String, @Nullable Object> headers =
                new HashMap<>(properties.getHeaders() == null ? Map.of() : properties.getHeaders());
        Headers.stayOnOneWay(headers);
        headers.keySet().removeIf(name -> NOTES.matcher(name).lookingAt());
        return headers;
    }

    private static List<Object> history(@Nullable Object before, Map<String, Object> newest) {
        List<Object> history = before instanceof List<?> list ? new ArrayList<>(list) : new ArrayList<>();
        history.add(newest);
        return history.subList(Math.max(0, history.size() - MOST_ENTRIES), history.size());
    }

    /** A copy that its worker process holds, with a number from 1 that stays when it goes back to its queue. */
    public static EncodedMessage runningCopy(AMQP.BasicProperties properties, byte[] body, long number) {
        var headers = headers(properties);
        headers.put(Headers.RUNNING_COPY, number);
        return new EncodedMessage(Body.again(properties, headers), body);
    }

    /** Whether a message is such a copy, whoever made it. */
    public static boolean isRunningCopy(AMQP.BasicProperties properties) {
        return copyNumber(properties) > 0;
    }

    /** One that came back too often, for the queue that it came from. */
    public static EncodedMessage returned(AMQP.BasicProperties properties, byte[] body) {
        var headers = headers(properties);
        headers.put(Headers.RETURNED, true);
        return new EncodedMessage(Body.again(properties, headers), body);
    }

    /** One whose time has come, for its queue. */
    public static EncodedMessage due(AMQP.BasicProperties properties, byte[] body, boolean mayBeThere) {
        return mayBeThere
                ? returned(properties, body)
                : new EncodedMessage(Body.again(properties, headers(properties)), body);
    }

    /** How often a quorum queue has had the message back (its header {@code x-delivery-count}); 0 of any other queue. */
    public static long returns(AMQP.BasicProperties properties) {
        var headers = properties.getHeaders();
        return headers != null && headers.get("x-delivery-count") instanceof Number count ? count.longValue() : 0;
    }

    /** Whether it has had it back so often that the message is to be published again. */
    public static boolean isReturnedOften(AMQP.BasicProperties properties) {
        return returns(properties) >= MOST_RETURNS;
    }

    /** Whether a message is a running copy or came back too often: it may have been delivered before. */
    public static boolean isPublishedAgain(AMQP.BasicProperties properties) {
        var headers = properties.getHeaders();
        return isRunningCopy(properties) || (headers != null && Boolean.TRUE.equals(headers.get(Headers.RETURNED)));
    }

    /** A copy's number; 0: it is none. */
    public static long copyNumber(AMQP.BasicProperties properties) {
        var headers = properties.getHeaders();
        return headers != null && headers.get(Headers.RUNNING_COPY) instanceof Long number ? number : 0;
    }
}
