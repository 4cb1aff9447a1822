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
    public static final String CONTENT_TYPE = "application/json";
    public static final String CONTENT_ENCODING = "utf-8";

    private Body() {}

    /**
     * The JSON bytes of a body, inflated where the {@code compression} header says so. Kombu's names all mean a zlib
     * stream, never a gzip file.
     *
     * @throws DecodeException for another content type, compression, or more than {@link Json#MAX_BYTES}
     */
    public static byte[] json(AMQP.BasicProperties properties, Map<String, @Nullable Object> headers, byte[] body) {
        if (!CONTENT_TYPE.equals(properties.getContentType())) {
            throw new DecodeException("content type must be " + CONTENT_TYPE + ", not " + properties.getContentType());
        }
        var compression = headers.get(Headers.COMPRESSION);
        if (compression == null) {
            return bounded(body);
        }
        if (!(compression instanceof String name)) {
            throw new DecodeException("header 'compression' must be a text");
        }
        return switch (name) {
            case "application/x-gzip", "gzip", "zlib" -> inflate(body);
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
