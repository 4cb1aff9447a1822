package dev.workerfarm.wire.task;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.workerfarm.error.EncodeException;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.json.Json;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.PackedList;
import dev.workerfarm.wire.ResultCodec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What became of a {@link MapChunk}, or of some of its items that lie together: each item's own outcome, in order, and how
 * long they ran. Travels as {@code {"values": [...], "failures": {"<offset>": {...}}, "nanos": n, "from": n}}, a failed
 * item's value being null, an offset counting from the first value. Without {@code from} it is of a whole chunk.
 *
 * @param from the place in the chunk of the first item, or {@link #WHOLE}
 */
public record MapChunkResult(List<Outcome> outcomes, long nanos, int from) {
    /** In place of a place: the result has all items of its chunk. */
    public static final int WHOLE = -1;

    /** The most JSON in one reply. */
    public static final int MAX_BYTES = Json.MAX_BYTES - 1024 * 1024; // with room for what is around the outcomes

    private static final String TOO_MUCH =
            "the results of this item's chunk are more than " + MAX_BYTES + " bytes of JSON; take smaller chunks";

    /** The result of a whole chunk. */
    public MapChunkResult(List<Outcome> outcomes, long nanos) {
        this(outcomes, nanos, WHOLE);
    }

    /** The place of the first item. */
    public int first() {
        return Math.max(0, from);
    }

    /** As one JSON value. An item whose value cannot travel, or comes when it is full, is written as a failure. */
    @JsonValue
    public Map<String, Object> toJson() {
        var reply = new Reply(false);
        for (var outcome : outcomes) {
            var item = item(outcome);
            reply.add(reply.bytes + item.bytes() > MAX_BYTES ? item(failed(TOO_MUCH)) : item);
        }
        return reply.toJson(nanos, from);
    }

    /**
     * The replies that carry these outcomes, as JSON values. Each has some of the items and at most {@code replyBytes}; an item that
     * is larger has a reply of its own.
     * An item whose value cannot travel, or is larger than {@code maxBytes} by itself, is written as a failure.
     *
     * @param note what such a failure says besides
     */
    public List<Part> toReplies(int maxBytes, int replyBytes, String note) {
        List<Part> replies = new ArrayList<>();
        var packed = outcomes instanceof PackedList<Outcome> numbers ? numbers : null;
        var reply = new Reply(packed != null);
        if (packed != null
                && packed.isOfNumbers()
                && (long) packed.size() * Long.BYTES <= replyBytes) { // nearly always
            return List.of(new Part(from, packed.size(), reply.toJson(nanos, from), packed.numbers()));
        }
        var place = first();
        for (int i = 0; i < outcomes.size(); i++) {
            if (packed != null && packed.isNumber(i) && reply.bytes + Long.BYTES <= replyBytes) {
                reply.addNumber(packed.number(i));
                continue;
            }
            var item = item(outcomes.get(i));
            if (item.bytes() > maxBytes) {
                var sizes = "its " + item.bytes() + " bytes of JSON are more than " + maxBytes;
                item = item(new Outcome.Failed(Failure.tooLarge(sizes + note)));
            }
            if (reply.bytes + item.bytes() > replyBytes && reply.bytes > 0) {
                replies.add(reply.part(nanosOf(reply), place));
                place += reply.count;
                reply = new Reply(packed != null);
            }
            reply.add(item);
        }
        replies.add(reply.part(nanosOf(reply), replies.isEmpty() ? from : place));
        return replies;
    }

    private long nanosOf(Reply reply) {
        return nanos / Math.max(1, outcomes.size()) * reply.count;
    }

    /**
     * What one reply carries.
     *
     * @param from the place of its first item, or {@link #WHOLE}
     * @param numbers the values that are whole numbers, where the reply is packed; null: {@code json} has all
     */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares two of them
    public record Part(int from, int count, Map<String, Object> json, long @Nullable [] numbers) {}

    private static Outcome failed(String text) {
        return new Outcome.Failed(Failure.builtin("ValueError", text));
    }

    /** Items' values and failures, ready to be written. Belongs to one thread. */
    private static final class Reply {
        private final boolean isPacked;
        private final List<@Nullable Object> values = new ArrayList<>();
        private final Map<String, @Nullable Object> others = new LinkedHashMap<>();
        private final Map<String, Object> failures = new LinkedHashMap<>();
        private long[] numbers = new long[16];
        private int count;
        private long bytes;

        /** @param isPacked whether whole numbers are kept apart from the values that are none */
        Reply(boolean isPacked) {
            this.isPacked = isPacked;
        }

        void addNumber(long number) {
            if (count == numbers.length) {
                numbers = Arrays.copyOf(numbers, 2 * count);
            }
            numbers[count++] = number;
            bytes += Long.BYTES;
        }

        void add(Item item) {
            bytes += item.bytes();
            if (item.failed()) {
                failures.put(String.valueOf(count), Objects.requireNonNull(item.json()));
            }
            var value = item.failed() ? null : item.json();
            if (isPacked) {
                others.put(String.valueOf(count), value);
                addNumber(0);
            } else {
                values.add(value);
                count++;
            }
        }

        Map<String, Object> toJson(long nanos, int from) {
            var all = isPacked ? others : values;
            return from == WHOLE
                    ? Map.of("values", all, "failures", failures, "nanos", nanos)
                    : Map.of("values", all, "failures", failures, "nanos", nanos, "from", from);
        }

        Part part(long nanos, int from) {
            return new Part(from, count, toJson(nanos, from), isPacked ? Arrays.copyOf(numbers, count) : null);
        }
    }

    /** One item's value or failure, ready to be written. */
    private record Item(boolean failed, @Nullable Object json, int bytes) {
        Item(boolean failed, byte[] json) {
            this(failed, new RawValue(new String(json, StandardCharsets.US_ASCII)), json.length);
        }
    }

    private static Item item(Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed) {
            var fields = ResultCodec.failure(failed.failure());
            fields.put("traceback", failed.failure().stack());
            return new Item(true, Json.writePart(fields));
        }
        var value = ((Outcome.Succeeded) outcome).value();
        if (value == null || value instanceof Long || value instanceof Double || value instanceof Boolean) {
            return new Item(false, value, Double.BYTES * 3); // always fits, and most of what maps return
        }
        try {
            return new Item(false, Json.writePart(value));
        } catch (EncodeException e) {
            return item(new Outcome.Failed(Failure.ofResult(e)));
        }
    }

    /** Reads the JSON value. Throws DecodeException if it is no result of a chunk of so many items, or of some of them. */
    public static MapChunkResult from(@Nullable Object json, int chunk) {
        if (!(json instanceof Map<?, ?> fields)
                || !(fields.get("values") instanceof List<?> values)
                || !(fields.get("failures") instanceof Map<?, ?> failures)
                || !(fields.get("nanos") instanceof Long nanos)
                || !fits(fields.get("from"), values.size(), chunk)) {
            throw new DecodeException("not the result of a chunk of " + chunk);
        }
        var outcomes = values instanceof PackedList<?> packed ? read(packed, failures) : read(values, failures);
        return new MapChunkResult(outcomes, nanos, fields.get("from") instanceof Long from ? from.intValue() : WHOLE);
    }

    private static List<Outcome> read(List<?> values, Map<?, ?> failures) {
        List<Outcome> outcomes = new ArrayList<>(values.size());
        for (int i = 0; i < values.size(); i++) {
            outcomes.add(read(i, values.get(i), failures));
        }
        return outcomes;
    }

    private static List<Outcome> read(PackedList<?> values, Map<?, ?> failures) {
        var outcomes = new PackedList.Builder<Outcome>(values.size());
        for (int i = 0; i < values.size(); i++) {
            if (values.isNumber(i)) {
                outcomes.addNumber(values.number(i));
            } else {
                outcomes.add(read(i, values.get(i), failures));
            }
        }
        return outcomes.build(Outcome.Succeeded::new);
    }

    private static Outcome read(int offset, @Nullable Object value, Map<?, ?> failures) {
        var failure = failures.isEmpty() ? null : failures.get(String.valueOf(offset));
        return failure instanceof Map<?, ?> map
                ? new Outcome.Failed(ResultCodec.readFailure(map, map))
                : new Outcome.Succeeded(value);
    }

    private static boolean fits(@Nullable Object from, int count, int chunk) {
        return from == null ? count == chunk : from instanceof Long place && place >= 0 && place <= chunk - count;
    }
}
