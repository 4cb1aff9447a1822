package dev.workerfarm.wire.task;

import dev.workerfarm.json.DecodeException;
import dev.workerfarm.wire.Headers;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The items of a chunk that have outlasted their hard time limit, in the header {@code farm-timed-out}, a list of their places:
 * when the chunk is delivered again they are not run again. Stateless.
 */
public final class TimedOutHeader {
    private TimedOutHeader() {}

    /** The header with one item more. */
    static List<Integer> with(@Nullable Object before, int item) {
        Set<Integer> items = new TreeSet<>(read(before));
        items.add(item);
        return List.copyOf(items);
    }

    /**
     * The items of a message; none where it does not say.
     *
     * @throws DecodeException if the header is anything else
     */
    static Set<Integer> read(Map<String, ? extends @Nullable Object> headers) {
        return read(headers.get(Headers.TIMED_OUT));
    }

    private static Set<Integer> read(@Nullable Object value) {
        if (value == null) {
            return Set.of();
        }
        if (!(value instanceof List<?> list) || list.size() > MapChunk.MAX_ITEMS) {
            throw wrong();
        }
        Set<Integer> items = new HashSet<>();
        for (var each : list) {
            if (!(each instanceof Integer || each instanceof Long || each instanceof Short || each instanceof Byte)
                    || ((Number) each).longValue() < 0
                    || ((Number) each).longValue() >= MapChunk.MAX_ITEMS) {
                throw wrong();
            }
            items.add(((Number) each).intValue());
        }
        return items;
    }

    private static DecodeException wrong() {
        return new DecodeException("header '" + Headers.TIMED_OUT + "' must be a list of places in a chunk");
    }
}
