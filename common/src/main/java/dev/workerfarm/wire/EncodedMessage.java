package dev.workerfarm.wire;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.impl.Frame;
import dev.workerfarm.error.EncodeException;
import java.io.UnsupportedEncodingException;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/** A message that fits the wire; amqp-client refuses others in the thread that publishes. Nobody changes the body. */
@SuppressWarnings("ArrayRecordComponent") // copied nowhere on its way: nobody compares two of them
public record EncodedMessage(AMQP.BasicProperties properties, byte[] body) {
    /** Headers have to fit one frame, 131 072 bytes; the other properties need a little of it. */
    public static final int MAX_HEADER_BYTES = 120 * 1024;

    /** @throws EncodeException if headers or properties do not fit a frame, or are of a type that AMQP does not have */
    public EncodedMessage {
        if (!Stream.of(properties.getCorrelationId(), properties.getReplyTo())
                .allMatch(text -> text == null || Headers.isShort(text))) {
            throw new EncodeException("a correlation id and a reply queue's name have at most 255 bytes");
        }
        if (properties.getHeaders() != null
                && !properties.getHeaders().keySet().stream().allMatch(Headers::isShort)) {
            throw new EncodeException("a header's name has at most 255 bytes");
        }
        var size = headerBytes(properties);
        if (size > MAX_HEADER_BYTES) {
            throw new EncodeException(size + " bytes of headers are more than " + MAX_HEADER_BYTES);
        }
    }

    /** The same message with headers added. Throws EncodeException if they do not fit any more. */
    public EncodedMessage withHeaders(Map<String, ?> more) {
        Map<String, Object> headers =
                new HashMap<>(properties.getHeaders() == null ? Map.of() : properties.getHeaders());
        headers.putAll(more);
        return new EncodedMessage(properties.builder().headers(headers).build(), body);
    }

    /** The size of the headers in a frame. Throws EncodeException if one is of a type that AMQP does not have. */
    public static long headerBytes(AMQP.BasicProperties properties) {
        try {
            return properties.getHeaders() == null ? 0 : Frame.tableSize(properties.getHeaders());
        } catch (IllegalArgumentException | StackOverflowError | UnsupportedEncodingException e) {
            throw new EncodeException("the headers cannot be written: " + e.getMessage(), e);
        }
    }
}
