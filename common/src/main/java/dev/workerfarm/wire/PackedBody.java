package dev.workerfarm.wire;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.json.Json;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A body with many whole numbers, which take 8 bytes each and no time to be read: the length of a JSON text in four bytes, that
 * text, then the numbers, all big-endian. Of a list that has other values too, an object in the text has these by their places.
 * Only between the farm's own sides. {@link Body#isPacked} tells it from JSON.
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares two of them
public record PackedBody(byte[] json, long[] numbers) {
    /** Reads a body, inflated where a header says so. Throws DecodeException if it is none. */
    public static PackedBody read(AMQP.BasicProperties properties, Map<String, @Nullable Object> headers, byte[] body) {
        var bytes = ByteBuffer.wrap(Body.plain(headers, body));
        var jsonBytes = bytes.remaining() < Integer.BYTES ? -1 : bytes.getInt();
        if (!Body.isPacked(properties)
                || jsonBytes < 0
                || jsonBytes > bytes.remaining()
                || (bytes.remaining() - jsonBytes) % Long.BYTES != 0) {
            throw new DecodeException("not packed numbers");
        }
        var json = new byte[jsonBytes];
        bytes.get(json);
        var numbers = new long[bytes.remaining() / Long.BYTES];
        bytes.asLongBuffer().get(numbers);
        return new PackedBody(json, numbers);
    }

    /** A body with the numbers from one index up to another. */
    public static byte[] write(byte[] json, long[] numbers, int from, int to) {
        var bytes = ByteBuffer.allocate(Integer.BYTES + json.length + (to - from) * Long.BYTES);
        bytes.putInt(json.length).put(json).asLongBuffer().put(numbers, from, to - from);
        return bytes.array();
    }

    /**
     * The list of these numbers, as an object of the text has the others. Throws DecodeException if that is no such object.
     *
     * @param type of the others; with Object.class they may be null
     * @param of an element that is a number here
     */
    public <T> PackedList<T> list(@Nullable Object object, Class<T> type, LongFunction<T> of) {
        if (!(object instanceof Map<?, ?> fields)) {
            throw new DecodeException("packed numbers without the values that are none");
        }
        Map<Integer, @Nullable T> others = new HashMap<>();
        fields.forEach((name, value) -> {
            if (!type.isInstance(value) && !(value == null && type == Object.class)) {
                throw new DecodeException("a value among packed numbers is of another type");
            }
            others.put(place((String) name), type.cast(value));
        });
        return new PackedList<>(numbers, numbers.length, others, of);
    }

    private int place(String name) {
        try {
            var place = Integer.parseInt(name);
            if (place >= 0 && place < numbers.length) {
                return place;
            }
        } catch (NumberFormatException e) {
            // as one that is too large
        }
        throw new DecodeException("no place among " + numbers.length + " values: " + Json.text(name));
    }
}
