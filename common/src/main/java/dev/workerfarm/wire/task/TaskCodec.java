package dev.workerfarm.wire.task;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.error.EncodeException;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.json.Json;
import dev.workerfarm.json.JsonWeight;
import dev.workerfarm.wire.Arguments;
import dev.workerfarm.wire.Body;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Headers;
import dev.workerfarm.wire.PackedBody;
import dev.workerfarm.wire.context.TraceContext;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Task messages to and from Celery protocol 2 (docs.celeryq.dev, "Message Protocol"). Threads may share it. */
public final class TaskCodec {
    private static final Pattern TIME =
            Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,6})?(Z|[+-]\\d\\d:\\d\\d)?");

    /** The third part of a body, and its end: what Celery's canvas would say. */
    private static final byte[] EMBED = ",{\"callbacks\":null,\"errbacks\":null,\"chain\":null,\"chord\":null}]"
            .getBytes(StandardCharsets.US_ASCII);

    private TaskCodec() {}

    /** Writes all that a Python worker needs, the time, and the {@link TraceContext}. EncodeException: not writable. */
    public static EncodedMessage encode(TaskMessage message) {
        byte[] json;
        try {
            var args = Json.write(List.of(message.args(), message.kwargs()));
            json = Arrays.copyOf(args, args.length - 1 + EMBED.length); // without its end
            System.arraycopy(EMBED, 0, json, args.length - 1, EMBED.length);
        } catch (EncodeException e) {
            throw Arguments.refused(message.task(), Json.place(e).replaceFirst("^\\[[01]]", ""), e);
        }
        JsonWeight.requireLight(json, JsonWeight.MAX_MESSAGE_BYTES);
        return new EncodedMessage(properties(message), json);
    }

    /** The properties and headers of a message whose body somebody else writes. */
    static AMQP.BasicProperties properties(TaskMessage message) {
        requireFit(message);
        Map<String, @Nullable Object> headers = new LinkedHashMap<>(message.headers());
        headers.putIfAbsent("lang", "java");
        headers.put(Headers.TASK, message.task());
        headers.put(Headers.ID, message.id());
        headers.putIfAbsent("root_id", message.id());
        headers.putIfAbsent("parent_id", null);
        headers.putIfAbsent("group", null);
        headers.put(Headers.RETRIES, message.retries());
        headers.putIfAbsent(Headers.ETA, null);
        headers.putIfAbsent(Headers.EXPIRES, null);
        headers.putIfAbsent(Headers.TIME_LIMIT, Arrays.asList(null, null));
        headers.put(Headers.IGNORE_RESULT, message.ignoreResult());
        headers.put(Headers.GENERATION, message.generation());
        headers.put(Headers.PUBLISHED, System.currentTimeMillis());
        var trace = TraceContext.current();
        if (trace != null && !headers.containsKey(TraceContext.PARENT)) {
            headers.putAll(trace.headers());
        }
        headers.remove(Headers.COMPRESSION);
        Headers.stayOnOneWay(headers);
        var properties = Body.properties(true).priority(0).correlationId(message.correlationId());
        return properties.replyTo(message.replyTo()).headers(headers).build();
    }

    /** What a worker would not survive, or would drop without a word, is refused here. */
    private static void requireFit(TaskMessage message) {
        if (message.id().isEmpty() || !Headers.isShort(message.id())) {
            throw new EncodeException("a task's id has 1 to 255 bytes");
        }
        if (message.task().isEmpty() || !Headers.isShort(message.task())) {
            throw new EncodeException("a task's name has 1 to 255 bytes");
        }
        if (message.retries() < 0 || message.generation() < 0) {
            throw new EncodeException("retries and generation are whole numbers from 0");
        }
        var headers = message.headers();
        if (headers.containsKey(Headers.TIME_LIMIT)
                && !(headers.get(Headers.TIME_LIMIT) instanceof List<?> limits && limits.size() == 2)) {
            throw new EncodeException("header '" + Headers.TIME_LIMIT + "' must be a list of two");
        }
        for (var name : List.of(Headers.ETA, Headers.EXPIRES)) {
            var time = headers.get(name);
            if (time != null
                    && !(time instanceof String text && TIME.matcher(text).matches())) {
                throw new EncodeException(
                        "header '" + name + "' must be an ISO 8601 time of at most six fraction digits");
            }
        }
    }

    /** Reads what came from a queue. Throws DecodeException, and nothing else, if it is not of protocol 2. */
    public static TaskMessage decode(AMQP.BasicProperties properties, byte[] body) {
        var headers = Headers.read(properties.getHeaders());
        var id = Headers.requireText(headers, Headers.ID);
        var task = Headers.requireText(headers, Headers.TASK);
        var retries = Headers.count(headers, Headers.RETRIES);
        var generation = Headers.count(headers, Headers.GENERATION);
        Headers.requireReplyTo(properties.getReplyTo());
        var packed = Body.isPacked(properties) ? PackedBody.read(properties, headers, body) : null;
        var json = Json.readMessage(packed == null ? Body.json(properties, headers, body) : packed.json());
        if (!(json instanceof List<?> parts) || parts.size() != 3) {
            throw new DecodeException("the body must be [args, kwargs, embed]");
        }
        if (!(parts.get(0) instanceof List<?> args)) {
            throw new DecodeException("args must be a list");
        }
        if (!(parts.get(1) instanceof Map<?, ?> kwargs)) {
            throw new DecodeException("kwargs must be an object");
        }
        if (parts.get(2) != null && !(parts.get(2) instanceof Map)) {
            throw new DecodeException("embed must be an object or null");
        }
        var replyTo = properties.getReplyTo();
        @SuppressWarnings("unchecked") // JSON objects have String keys
        var named = (Map<String, Object>) kwargs;
        if (packed != null) {
            named.put("items", MapChunk.items(packed, named.get("items")));
        }
        @SuppressWarnings("unchecked") // JSON lists hold Objects
        var message = new TaskMessage(
                id,
                task,
                retries,
                generation,
                (List<Object>) args,
                named,
                replyTo == null || replyTo.isEmpty() ? null : replyTo,
                properties.getCorrelationId() == null ? id : properties.getCorrelationId(),
                Boolean.TRUE.equals(headers.get(Headers.IGNORE_RESULT)),
                headers);
        message.eta(); // read again when its turn comes; what cannot be read is told here
        message.isExpired(Instant.EPOCH);
        message.retry();
        message.timeLimits();
        message.timedOut();
        return message;
    }
}
