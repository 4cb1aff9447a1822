package dev.workerfarm.broker;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The bytes of a message's headers, looked at without reading them: whether amqp-client could (RabbitMQ, "AMQP 0-9-1
 * Errata", section 3). Belongs to one thread.
 */
final class FieldTable {
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
