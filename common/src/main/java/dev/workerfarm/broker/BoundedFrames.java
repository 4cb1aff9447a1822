package dev.workerfarm.broker;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.WriteListener;
import com.rabbitmq.client.impl.AMQConnection;
import com.rabbitmq.client.impl.Frame;
import com.rabbitmq.client.impl.FrameHandler;
import dev.workerfarm.wire.Body;
import dev.workerfarm.wire.Headers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The frames of a connection, with those of a delivery that amqp-client would not survive made harmless. It gives up
 * the connection for headers that nest deeper than 32 levels, as for a body of more than 64 MiB; the next worker's
 * connection would end likewise, for ever. So headers that cannot be read are replaced by one that says so, and a large
 * body is cut; whoever decodes the message refuses it (AMQP 0-9-1, sections 2.3.5 and 4.2.6). Read by one thread.
 */
final class BoundedFrames implements FrameHandler {
    private static final int HEADER_BYTES_BEFORE_PROPERTIES = 14; // class, weight, size of the body, flags
    private static final int BODY_SIZE_AT = 4;
    private static final int HAS_CONTENT_TYPE = 1 << 15;
    private static final int HAS_CONTENT_ENCODING = 1 << 14;
    private static final int HAS_HEADERS = 1 << 13;

    private final FrameHandler frames;
    /** How much of the body that comes on a channel is passed on yet. */
    private final Map<Integer, Long> wanted = new HashMap<>();

    BoundedFrames(FrameHandler frames) {
        this.frames = frames;
    }

    @Override
    public @Nullable Frame readFrame() throws IOException {
        for (var frame = frames.readFrame(); frame != null; frame = frames.readFrame()) {
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
        return left == 0
                ? null
                : new Frame(frame.getType(), frame.getChannel(), Arrays.copyOf(payload, Math.toIntExact(left)));
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

    @Override
    public void initialize(AMQConnection connection) {
        frames.initialize(connection);
    }

    @Override
    public boolean internalHearbeat() {
        return frames.internalHearbeat();
    }

    @Override
    public void setTimeout(int timeoutMillis) throws SocketException {
        frames.setTimeout(timeoutMillis);
    }

    @Override
    public int getTimeout() throws SocketException {
        return frames.getTimeout();
    }

    @Override
    public void sendHeader() throws IOException {
        frames.sendHeader();
    }

    @Override
    public void startProcessing() {
        frames.startProcessing();
    }

    @Override
    public void finishConnectionNegotiation() {
        frames.finishConnectionNegotiation();
    }

    @Override
    public void setFrameMax(int bytes) {
        frames.setFrameMax(bytes);
    }

    @Override
    public void writeFrame(Frame frame) throws IOException {
        frames.writeFrame(frame);
    }

    @Override
    public void flush(WriteListener listener) throws IOException {
        frames.flush(listener);
    }

    @Override
    public void close() {
        frames.close();
    }

    @Override
    public InetAddress getLocalAddress() {
        return frames.getLocalAddress();
    }

    @Override
    public int getLocalPort() {
        return frames.getLocalPort();
    }

    @Override
    public InetAddress getAddress() {
        return frames.getAddress();
    }

    @Override
    public int getPort() {
        return frames.getPort();
    }

    /** Whether amqp-client could read a message's headers (RabbitMQ, "AMQP 0-9-1 Errata", section 3). One thread. */
    private static final class FieldTable {
        /** The client reads 32 levels; nobody's headers have more than a handful. */
        static final int MAX_DEPTH = 30;

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
