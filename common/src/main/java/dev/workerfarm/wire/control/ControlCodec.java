package dev.workerfarm.wire.control;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.json.Json;
import dev.workerfarm.wire.Body;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Headers;
import dev.workerfarm.wire.control.ControlMessage.Revoke;
import dev.workerfarm.wire.control.ControlMessage.Revoke.Running;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Control messages and answers, transient, as JSON in the shape of {@code celery.app.control}. */
public final class ControlCodec {
    private static final String REVOKE = "revoke";
    private static final String STATUS = "status";
    private static final String IDS = "task_id";
    private static final String TERMINATE = "terminate";
    private static final String SIGNAL = "signal";
    private static final String KILL = "SIGKILL";
    private static final int MAX_BYTES = 2 * 1024 * 1024; // as many ids as fit, each character written as an escape

    private ControlCodec() {}

    /** Writes a message that wants no answer. */
    public static EncodedMessage encode(ControlMessage message) {
        return encode(message, null);
    }

    /** Writes a message whose answers go to the queue {@code replyTo}; null wants none. */
    public static EncodedMessage encode(ControlMessage message, @Nullable String replyTo) {
        var body = message instanceof Revoke revoke
                ? Map.of("method", REVOKE, "arguments", arguments(revoke))
                : Map.of("method", STATUS, "arguments", Map.of());
        return new EncodedMessage(Body.properties(false).replyTo(replyTo).build(), Json.write(body));
    }

    /** Reads a message. Throws DecodeException if it is none that we know, or wants its answer where none can go. */
    public static ControlMessage decode(AMQP.BasicProperties properties, byte[] body) {
        if (body.length > MAX_BYTES) {
            throw new DecodeException("a control message has at most " + MAX_BYTES + " bytes");
        }
        Headers.requireReplyTo(properties.getReplyTo());
        var json = Json.readMessage(Body.json(properties, Headers.read(properties.getHeaders()), body));
        if (!(json instanceof Map<?, ?> fields)
                || !(fields.get("method") instanceof String method)
                || !(fields.get("arguments") instanceof Map<?, ?> arguments)) {
            throw new DecodeException("a control message must be an object with method and arguments");
        }
        return switch (method) {
            case REVOKE -> revoke(arguments);
            case STATUS -> new ControlMessage.Status();
            default -> throw new DecodeException("control method '" + method + "' is not known");
        };
    }

    public static EncodedMessage encode(WorkerStatus status) {
        return new EncodedMessage(Body.properties(false).build(), Json.write(status));
    }

    /** Reads the answer to {@link ControlMessage.Status}. Throws DecodeException if it is none. */
    public static WorkerStatus decodeStatus(AMQP.BasicProperties properties, byte[] body) {
        var json = Json.read(Body.json(properties, Headers.read(properties.getHeaders()), body));
        if (Json.convert(json, WorkerStatus.class) instanceof WorkerStatus status) {
            return status;
        }
        throw new DecodeException("not a worker's status");
    }

    /** Celery's arguments of {@code revoke}: who is killed by a signal there is interrupted or killed here. */
    private static Map<String, Object> arguments(Revoke revoke) {
        return switch (revoke.running()) {
            case GOES_ON -> Map.of(IDS, revoke.ids());
            case IS_INTERRUPTED -> Map.of(IDS, revoke.ids(), TERMINATE, true, SIGNAL, "SIGINT");
            case IS_KILLED -> Map.of(IDS, revoke.ids(), TERMINATE, true, SIGNAL, KILL);
        };
    }

    private static ControlMessage revoke(Map<?, ?> arguments) {
        @Nullable Object ids = arguments.get(IDS);
        var list = ids instanceof String one ? List.of(one) : ids;
        if (!(list instanceof List<?> many)
                || many.size() > Revoke.MAX_IDS
                || !many.stream().allMatch(id -> id instanceof String text && Headers.isShort(text))) {
            throw new DecodeException(
                    IDS + " must be a list of at most " + Revoke.MAX_IDS + " ids of at most 255 bytes");
        }
        var terminated = KILL.equals(arguments.get(SIGNAL)) ? Running.IS_KILLED : Running.IS_INTERRUPTED;
        var running = Boolean.TRUE.equals(arguments.get(TERMINATE)) ? terminated : Running.GOES_ON;
        return new Revoke(many.stream().map(String.class::cast).toList(), running);
    }
}
