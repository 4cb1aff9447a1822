package dev.workerfarm.wire.task;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.wire.Headers;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a {@link TaskMessage} says of itself in its headers, to be known before anything else of it is read. */
public record TaskHead(String id, String task, int generation, int retries) {
    /** The head of a message, or null where {@link TaskCodec#decode} refuses these headers. */
    public static @Nullable TaskHead of(AMQP.BasicProperties properties) {
        Map<String, Object> headers = properties.getHeaders() == null ? Map.of() : properties.getHeaders();
        var id = Objects.toString(headers.get(Headers.ID), "");
        var task = Objects.toString(headers.get(Headers.TASK), "");
        var generation = count(headers, Headers.GENERATION);
        var retries = count(headers, Headers.RETRIES);
        return id.isEmpty() || !Headers.isShort(id) || task.isEmpty() || generation < 0 || retries < 0
                ? null
                : new TaskHead(id, task, generation, retries);
    }

    private static int count(Map<String, Object> headers, String name) {
        var value = headers.get(name);
        return value == null ? 0 : value instanceof Number number ? number.intValue() : -1;
    }
}
