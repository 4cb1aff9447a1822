package dev.workerfarm.wire;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Result messages as Celery's {@code rpc://} backend has them. Stateless; threads may share it. */
public final class ResultCodec {
    private ResultCodec() {}

    /** A worker's answer; without an outcome it is word on the way (Celery's STARTED and RETRY). */
    public record ResultMessage(String taskId, @Nullable Outcome outcome) {}

    /** Writes how a task ended. Throws IllegalArgumentException if it has not; EncodeException if it cannot travel. */
    public static EncodedMessage encode(String taskId, String correlationId, Outcome outcome) {
        return new EncodedMessage(
                Body.properties(true).correlationId(correlationId).build(), json(taskId, outcome));
    }

    /**
     * As {@link #encode}, of a task that has succeeded with the outcomes of a map's items: {@code value} has those that are no
     * numbers, by their places in its field "values", and the body is {@link PackedBody}.
     */
    public static EncodedMessage encodePacked(String taskId, String correlationId, Object value, long[] numbers) {
        var properties = Body.properties(true).correlationId(correlationId).build();
        var json = json(taskId, new Outcome.Succeeded(value));
        return new EncodedMessage(Body.packed(properties), PackedBody.write(json, numbers, 0, numbers.length));
    }

    private static byte[] json(String taskId, Outcome outcome) {
        Map<String, @Nullable Object> body = new LinkedHashMap<>();
        body.put("task_id", taskId);
        if (outcome instanceof Outcome.Failed failed) {
            body.put("status", "FAILURE");
            body.put("result", failure(failed.failure()));
            body.put("traceback", failed.failure().stack());
        } else if (outcome instanceof Outcome.Succeeded succeeded) {
            body.put("status", "SUCCESS");
            body.put("result", succeeded.value());
            body.put("traceback", null);
        } else {
            throw new IllegalArgumentException("task " + taskId + " has not ended: " + outcome);
        }
        body.put("children", List.of());
        return Json.write(body);
    }

    /** Whether whoever sent a message can be answered: it names a sound address and an id. */
    public static boolean isAnswerable(AMQP.BasicProperties message) {
        var replyTo = message.getReplyTo();
        var isSound = replyTo != null && !replyTo.isEmpty() && Headers.isSoundReplyTo(replyTo);
        return isSound && message.getCorrelationId() != null;
    }

    /** Reads what came to a reply queue. Throws DecodeException if it is no result message; nothing else is thrown. */
    public static ResultMessage decode(AMQP.BasicProperties properties, byte[] body) {
        var headers = Headers.read(properties.getHeaders());
        var packed = Body.isPacked(properties) ? PackedBody.read(properties, headers, body) : null;
        var json = Json.readReply(packed == null ? Body.json(properties, headers, body) : packed.json());
        if (!(json instanceof Map<?, ?> fields)
                || !(fields.get("task_id") instanceof String taskId)
                || !(fields.get("status") instanceof String status)) {
            throw new DecodeException("a result must be an object with task_id and status");
        }
        var outcome = switch (status) {
            case "SUCCESS" -> new Outcome.Succeeded(value(fields.get("result"), packed));
            case "FAILURE", "REVOKED" -> new Outcome.Failed(readFailure(fields.get("result"), fields));
            default -> null;
        };
        return new ResultMessage(taskId, outcome);
    }

    /** The value of a task; that of a map's items with the numbers in place of the object with those that are none. */
    private static @Nullable Object value(@Nullable Object result, @Nullable PackedBody packed) {
        if (packed == null) {
            return result;
        }
        if (!(result instanceof Map<?, ?> fields)) {
            throw new DecodeException("packed numbers that are no results of a chunk");
        }
        Map<Object, @Nullable Object> all = new LinkedHashMap<>(fields);
        all.put("values", packed.list(fields.get("values"), Object.class, Long::valueOf));
        return all;
    }

    public static Map<String, @Nullable Object> failure(Failure failure) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("exc_type", failure.type());
        fields.put("exc_message", List.of(failure.text()));
        fields.put("exc_module", failure.module());
        return fields;
    }

    /** A failure whose stack is the {@code traceback} of other fields, which may be the same. */
    public static Failure readFailure(@Nullable Object json, Map<?, ?> others) {
        var stack = others.get("traceback") instanceof String text ? text : null;
        if (!(json instanceof Map<?, ?> fields)) {
            return new Failure("Exception", "builtins", String.valueOf(json), stack);
        }
        var message = fields.get("exc_message");
        var text = message instanceof List<?> parts
                ? String.join(", ", parts.stream().map(String::valueOf).toList())
                : String.valueOf(message);
        var type = Objects.toString(fields.get("exc_type"), "Exception");
        return new Failure(type, Objects.toString(fields.get("exc_module"), "builtins"), text, stack);
    }
}
