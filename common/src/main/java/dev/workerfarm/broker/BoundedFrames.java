package dev.workerfarm.broker;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.impl.Frame;
import dev.workerfarm.wire.Body;
import dev.workerfarm.wire.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes those frames of a delivery harmless that amqp-client would not survive. It gives up the connection for headers
 * that nest deeper than 32 levels, as for a body of more than 64 MiB; the next worker's connection would end likewise,
 * for ever. So headers that cannot be read are replaced by one that says so, and a large body is cut; the decoder
 * refuses the message (AMQP 0-9-1, sections 2.3.5 and 4.2.6). Belongs to one connection, and to the thread that reads.
 */
final class BoundedFrames {
    private static final int HEADER_BYTES_BEFORE_PROPERTIES = 14; // class, weight, size of the body, flags
    private static final int BODY_SIZE_AT = 4;
    private static final int HAS_CONTENT_TYPE = 1 << 15;
    private static final int HAS_CONTENT_ENCODING = 1 << 14;
    private static final int HAS_HEADERS = 1 << 13;
    private static final int MAX_DEPTH = 30; // the client reads 32 levels; nobody's headers have more than a handful

    private final Map<Integer, Long> wanted = new HashMap<>(); // by channel: how much of its body is still passed on

    /** Where the frames come from; null: there is none now. */
    interface Source {
        @Nullable
        Frame readFrame() throws IOException;
    }

    /** The next frame that is to be passed on, or null as the source says. */
    @Nullable
    Frame next(Source source) throws IOException {
        for (var frame = source.readFrame(); frame != null; frame = source.readFrame()) {
            var bounded = switch (frame.getType()) {
                case AMQP.FRAME_HEADER -> bound(frame);
                case AMQP.FRAME_BODY -> cut(frame);
                default -> frame;
            };
            if (bounded != null) {
                return bounded;
            }
        }
        return null;
    }

    private Frame bound(Frame frame) {
        var payload = frame.getPayload();
        if (payload.length < HEADER_BYTES_BEFORE_PROPERTIES) {
            return frame;
        }
        var size = ByteBuffer.wrap(payload).getLong(BODY_SIZE_AT);
        if (size <= Body.MOST_PASSED_BYTES) {
            wanted.remove(frame.getChannel());
        } else {
            payload = payload.clone();
            ByteBuffer.wrap(payload).putLong(BODY_SIZE_AT, Body.MOST_PASSED_BYTES);
            wanted.put(frame.getChannel(), (long) Body.MOST_PASSED_BYTES);
        }
        var readable = withReadableHeaders(payload);
        return readable == frame.getPayload() ? frame : new Frame(frame.getType(), frame.getChannel(), readable);
    }

    /** A part of a body, or null: no more of it is wanted. */
    private @Nullable Frame cut(Frame frame) {
        var left = wanted.get(frame.getChannel());
        if (left == null) {
            return frame;
        }
        var payload = frame.getPayload();
        wanted.put(frame.getChannel(), Math.max(0, left - payload.length));
        if (payload.length <= left) {
            return frame;
        }
        payload = Arrays.copyOf(payload, Math.toIntExact(left));
        return left == 0 ? null : new Frame(frame.getType(), frame.getChannel(), payload);
    }

    private static byte[] withReadableHeaders(byte[] payload) {
        var in = ByteBuffer.wrap(payload);
        var flags = in.getShort(HEADER_BYTES_BEFORE_PROPERTIES - 2);
        if ((flags & HAS_HEADERS) == 0) {
            return payload;
        }
        in.position(HEADER_BYTES_BEFORE_PROPERTIES);
        for (var text : new int[] {HAS_CONTENT_TYPE, HAS_CONTENT_ENCODING}) {
            if ((flags & text) != 0) {
                in.position(in.position() + 1 + (in.get(in.position()) & 0xff));
            }
        }
        var begin = in.position();
        var end = begin + 4 + in.getInt();
        if (isReadable(in.slice().limit(end - in.position()), true, 1)) {
            return payload;
        }
        var replaced = ByteBuffer.allocate(payload.length - (end - begin) + Headers.UNREADABLE.length);
        replaced.put(payload, 0, begin).put(Headers.UNREADABLE).put(payload, end, payload.length - end);
        return replaced.array();
    }

    /** Whether amqp-client could read all these fields, a table's with names (RabbitMQ, "AMQP 0-9-1 Errata", section 3). */
    private static boolean isReadable(ByteBuffer fields, boolean named, int depth) {
        while (fields.hasRemaining()) {
            var nameBytes = named ? 1 + (fields.get(fields.position()) & 0xff) : 0;
            if (!skip(fields, nameBytes) || !fields.hasRemaining() || !skipValue(fields, depth)) {
                return false;
            }
        }
        return true;
    }

    private static boolean skipValue(ByteBuffer in, int depth) {
        return switch (in.get()) {
            case 'V' -> true;
            case 't', 'b', 'B' -> skip(in, 1);
            case 's', 'u' -> skip(in, 2);
            case 'I', 'i', 'f' -> skip(in, 4);
            case 'D' -> skip(in, 5);
            case 'l', 'd', 'T' -> skip(in, 8);
            case 'S', 'x' -> in.remaining() >= 4 && skip(in, in.getInt());
            case 'F' -> skipNested(in, true, depth + 1);
            case 'A' -> skipNested(in, false, depth + 1);
            default -> false;
        };
    }

    private static boolean skipNested(ByteBuffer in, boolean named, int depth) {
        if (in.remaining() < 4 || depth > MAX_DEPTH) {
            return false;
        }
        var length = in.getInt();
        var fields = in.slice();
        return skip(in, length) && isReadable(fields.limit(length), named, depth);
    }

    private static boolean skip(ByteBuffer in, int length) {
        if (length < 0 || length > in.remaining()) {
            return false;
        }
        in.position(in.position() + length);
        return true;
    }
}
