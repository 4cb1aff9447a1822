package dev.workerfarm.wire.task;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.workerfarm.error.EncodeException;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.json.Json;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.ResultCodec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
        var reply = new Reply();
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
    public List<Map<String, Object>> toReplies(int maxBytes, int replyBytes, String note) {
        List<Map<String, Object>> replies = new ArrayList<>();
        var reply = new Reply();
        var place = first();
        for (var outcome : outcomes) {
            var item = item(outcome);
            if (item.bytes() > maxBytes) {
                var sizes = "its " + item.bytes() + " bytes of JSON are more than " + maxBytes;
                item = item(new Outcome.Failed(Failure.tooLarge(sizes + note)));
            }
            if (reply.bytes + item.bytes() > replyBytes && reply.bytes > 0) {
                replies.add(reply.toJson(nanosOf(reply), place));
                place += reply.values.size();
                reply = new Reply();
            }
            reply.add(item);
        }
        replies.add(reply.toJson(nanosOf(reply), replies.isEmpty() ? from : place));
        return replies;
    }

    private long nanosOf(Reply reply) {
        return nanos / Math.max(1, outcomes.size()) * reply.values.size();
    }

    private static Outcome failed(String text) {
        return new Outcome.Failed(Failure.builtin("ValueError", text));
    }

    /** Items' values and failures, ready to be written. Belongs to one thread. */
    private static final class Reply {
        private final List<@Nullable Object> values = new ArrayList<>();
        private final Map<String, Object> failures = new LinkedHashMap<>();
        private long bytes;

        void add(Item item) {
            bytes += item.bytes();
            if (item.failed()) {
                failures.put(String.valueOf(values.size()), Objects.requireNonNull(item.json()));
            }
            values.add(item.failed() ? null : item.json());
        }

        Map<String, Object> toJson(long nanos, int from) {
            return from == WHOLE
                    ? Map.of("values", values, "failures", failures, "nanos", nanos)
                    : Map.of("values", values, "failures", failures, "nanos", nanos, "from", from);
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
        List<Outcome> outcomes = new ArrayList<>(values.size());
        for (int i = 0; i < values.size(); i++) {
            var failure = failures.isEmpty() ? null : failures.get(String.valueOf(i));
            if (failure instanceof Map<?, ?> map) {
                outcomes.add(new Outcome.Failed(ResultCodec.readFailure(map, map)));
            } else {
                outcomes.add(new Outcome.Succeeded(values.get(i)));
            }
        }
        return new MapChunkResult(outcomes, nanos, fields.get("from") instanceof Long from ? from.intValue() : WHOLE);
    }

    private static boolean fits(@Nullable Object from, int count, int chunk) {
        return from == null ? count == chunk : from instanceof Long place && place >= 0 && place <= chunk - count;
    }
}
