package dev.workerfarm.broker;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.impl.Frame;
import dev.workerfarm.wire.Body;
import dev.workerfarm.wire.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
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
        var end = begin + 4 + in.getInt(begin);
        if (new FieldTable(payload, begin + 4, end).isReadable()) {
            return payload;
        }
        var replaced = ByteBuffer.allocate(payload.length - (end - begin) + Headers.UNREADABLE.length);
        replaced.put(payload, 0, begin).put(Headers.UNREADABLE).put(payload, end, payload.length - end);
        return replaced.array();
    }

    /** Whether amqp-client could read a message's headers (RabbitMQ, "AMQP 0-9-1 Errata", section 3). One thread. */
    private static final class FieldTable {
        static final int MAX_DEPTH = 30; // the client reads 32 levels; nobody's headers have more than a handful

        private record Level(int end, boolean named) {}

        private final ByteBuffer in;
        private final Deque<Level> levels = new ArrayDeque<>();

        FieldTable(byte[] bytes, int begin, int end) {
            this.in = ByteBuffer.wrap(bytes);
            in.position(begin);
            levels.push(new Level(end, true));
        }

        /** Whether it is well formed and nests no deeper than {@value #MAX_DEPTH} levels. Once. */
        boolean isReadable() {
            while (!levels.isEmpty()) {
                var level = levels.element();
                if (in.position() == level.end()) {
                    levels.pop();
                } else if ((level.named() && !skip(1 + (in.get(in.position()) & 0xff))) || !field()) {
                    return false;
                }
            }
            return true;
        }

        private boolean field() {
            if (!fits(1)) {
                return false;
            }
            return switch (in.get()) {
                case 'V' -> true;
                case 't', 'b', 'B' -> skip(1);
                case 's', 'u' -> skip(2);
                case 'I', 'i', 'f' -> skip(4);
                case 'D' -> skip(5);
                case 'l', 'd', 'T' -> skip(8);
                case 'S', 'x' -> fits(4) && skip(in.getInt());
                case 'F' -> descend(true);
                case 'A' -> descend(false);
                default -> false;
            };
        }

        private boolean descend(boolean named) {
            if (!fits(4) || levels.size() >= MAX_DEPTH) {
                return false;
            }
            var length = in.getInt();
            if (!fits(length)) {
                return false;
            }
            levels.push(new Level(in.position() + length, named));
            return true;
        }

        private boolean skip(int length) {
            if (!fits(length)) {
                return false;
            }
            in.position(in.position() + length);
            return true;
        }

        private boolean fits(int length) {
            return length >= 0 && length <= levels.element().end() - in.position();
        }
    }
}
