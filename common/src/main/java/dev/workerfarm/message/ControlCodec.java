package dev.workerfarm.message;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.error.DecodeException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Control messages and the answers to them, as JSON in the shape of Celery's remote control (its
 * {@code celery.app.control}: method and arguments). Transient, as nobody wants an old one. Stateless; threads may share
 * it.
 */
public final class ControlCodec {
    private static final String REVOKE = "revoke";
    private static final String STATUS = "status";
    private static final String IDS = "task_id";

    private ControlCodec() {}

    /** Writes a message that wants no answer. */
    public static EncodedMessage encode(ControlMessage message) {
        return encode(message, null);
    }

    /**
     * Writes a message.
     *
     * @param replyTo the queue for the answers, or null for none
     */
    public static EncodedMessage encode(ControlMessage message, @Nullable String replyTo) {
        var body = message instanceof ControlMessage.Revoke revoke
                ? Map.of("method", REVOKE, "arguments", Map.of(IDS, revoke.ids()))
                : Map.of("method", STATUS, "arguments", Map.of());
        return new EncodedMessage(properties().replyTo(replyTo).build(), Json.write(body));
    }

    /**
     * Reads a message.
     *
     * @throws DecodeException if it is none that we know
     */
    public static ControlMessage decode(AMQP.BasicProperties properties, byte[] body) {
        var json = Json.read(Body.json(properties, Headers.read(properties.getHeaders()), body));
        if (!(json instanceof Map<?, ?> fields)
                || !(fields.get("method") instanceof String method)
                || !(fields.get("arguments") instanceof Map<?, ?> arguments)) {
            throw new DecodeException("a control message must be an object with method and arguments");
        }
        return switch (method) {
            case REVOKE -> revoke(arguments.get(IDS));
            case STATUS -> new ControlMessage.Status();
            default -> throw new DecodeException("control method '" + method + "' is not known");
        };
    }

    /** Writes the answer to {@link ControlMessage.Status}. */
    public static EncodedMessage encode(WorkerStatus status) {
        return new EncodedMessage(properties().build(), Json.write(status));
    }

    /**
     * Reads the answer to {@link ControlMessage.Status}.
     *
     * @throws DecodeException if it is none
     */
    public static WorkerStatus decodeStatus(AMQP.BasicProperties properties, byte[] body) {
        var json = Json.read(Body.json(properties, Headers.read(properties.getHeaders()), body));
        if (Json.convert(json, Json.javaType(WorkerStatus.class)) instanceof WorkerStatus status) {
            return status;
        }
        throw new DecodeException("not a worker's status");
    }

    private static ControlMessage revoke(@Nullable Object ids) {
        var list = ids instanceof String one ? List.of(one) : ids;
        if (!(list instanceof List<?> many)
                || many.size() > ControlMessage.Revoke.MAX_IDS
                || !many.stream().allMatch(id -> id instanceof String text && Headers.isShort(text))) {
            throw new DecodeException(
                    IDS + " must be a list of at most " + ControlMessage.Revoke.MAX_IDS + " ids of at most 255 bytes");
        }
        return new ControlMessage.Revoke(many.stream().map(String.class::cast).toList());
    }

    private static AMQP.BasicProperties.Builder properties() {
        return new AMQP.BasicProperties.Builder()
                .contentType(Body.CONTENT_TYPE)
                .contentEncoding(Body.CONTENT_ENCODING)
                .deliveryMode(1);
    }
}
