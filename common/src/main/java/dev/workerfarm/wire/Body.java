package dev.workerfarm.wire;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.json.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Map;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/** A message body's content type, compression and bound: what must hold before anybody parses it. */
public final class Body {
    /** So much of a larger body is passed on by a connection: enough to be refused for its size. */
    public static final int MOST_PASSED_BYTES = Json.MAX_BYTES + 1;

    private static final String CONTENT_TYPE = "application/json";
    private static final String LONGS = "application/x-workerfarm-longs";

    private Body() {}

    /** The properties of a message that is published again with other headers: persistent, without its user. */
    public static AMQP.BasicProperties again(AMQP.BasicProperties properties, Map<String, @Nullable Object> headers) {
        // The header 'expires' has the say: in a delay queue the property would end the wait early.
        var builder = properties.builder().deliveryMode(2).expiration(null).userId(null);
        return builder.headers(headers).build();
    }

    /** The properties of a message whose body is written here. */
    public static AMQP.BasicProperties.Builder properties(boolean persistent) {
        var json = new AMQP.BasicProperties.Builder().contentType(CONTENT_TYPE);
        return json.contentEncoding("utf-8").deliveryMode(persistent ? 2 : 1);
    }

    /** The same properties for a body that is {@link PackedBody}. */
    public static AMQP.BasicProperties packed(AMQP.BasicProperties json) {
        return json.builder().contentType(LONGS).contentEncoding("binary").build();
    }

    public static boolean isPacked(AMQP.BasicProperties properties) {
        return LONGS.equals(properties.getContentType());
    }

    /** The JSON bytes of a body, inflated where a header says so. Throws DecodeException for another, or too many. */
    public static byte[] json(AMQP.BasicProperties properties, Map<String, @Nullable Object> headers, byte[] body) {
        if (!CONTENT_TYPE.equals(properties.getContentType())) {
            throw new DecodeException("content type must be " + CONTENT_TYPE + ", not " + properties.getContentType());
        }
        return plain(headers, body);
    }

    /** The bytes of a body, inflated where a header says so. */
    static byte[] plain(Map<String, @Nullable Object> headers, byte[] body) {
        var compression = headers.get(Headers.COMPRESSION);
        if (compression == null) {
            return bounded(body);
        }
        if (!(compression instanceof String name)) {
            throw new DecodeException("header 'compression' must be a text");
        }
        return switch (name) {
            case "application/x-gzip", "gzip", "zlib" -> inflate(body); // Kombu's names all mean a zlib stream
            default -> throw new DecodeException("compression '" + name + "' is not understood; zlib is");
        };
    }

    private static byte[] inflate(byte[] body) {
        try (var inflater = new InflaterInputStream(new ByteArrayInputStream(body))) {
            return bounded(inflater.readNBytes(Json.MAX_BYTES + 1));
        } catch (IOException e) {
            throw new DecodeException("the body is not a zlib stream: " + e.getMessage(), e);
        }
    }

    private static byte[] bounded(byte[] body) {
        if (body.length > Json.MAX_BYTES) {
            throw new DecodeException("the body is larger than " + Json.MAX_BYTES + " bytes");
        }
        return body;
    }
}
