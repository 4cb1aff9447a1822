package dev.workerfarm.wire.task;

import dev.workerfarm.error.EncodeException;
import dev.workerfarm.json.Json;
import dev.workerfarm.json.JsonWeight;
import dev.workerfarm.wire.Arguments;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Headers;
import dev.workerfarm.wire.WrongArgumentsException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of a map from index {@code start}: arguments of our task {@value #TASK}, which runs {@code task} on each.
 *
 * @param root the id of the chunk that it is a {@link ChunkPart} of, or null: it is a whole one
 * @param from the place of its first item in that chunk; 0 for a whole one
 * @param of how many items that chunk has
 */
public record MapChunk(
        String task,
        String mapId,
        long start,
        List<List<Object>> items,
        @Nullable String root,
        int from,
        int of) {
    public static final String TASK = "workerfarm.map";
    /** So many items may a chunk have: each comes to an outcome, which takes far more memory than an empty item. */
    public static final int MAX_ITEMS = 20_000;

    /** A whole chunk. */
    public MapChunk(String task, String mapId, long start, List<List<Object>> items) {
        this(task, mapId, start, items, null, 0, items.size());
    }

    /** Reads a chunk or a part of one. Throws WrongArgumentsException if an argument is missing, of another type, or too large. */
    public static MapChunk from(Map<String, Object> kwargs) {
        if (kwargs.get("task") instanceof String task
                && Headers.isShort(task)
                && kwargs.get("map") instanceof String mapId
                && Headers.isShort(mapId) // each item's id begins with it
                && kwargs.get("start") instanceof Long start
                && start >= 0
                && start <= Long.MAX_VALUE - MAX_ITEMS
                && kwargs.get("items") instanceof List<?> items
                && items.size() <= MAX_ITEMS
                && items.stream().allMatch(List.class::isInstance)
                && (kwargs.get("root") == null || (kwargs.get("root") instanceof String id && Headers.isShort(id)))
                && kwargs.getOrDefault("from", 0L) instanceof Long from
                && from >= 0
                && kwargs.getOrDefault("of", (long) items.size()) instanceof Long of
                && of <= MAX_ITEMS
                && from + items.size() <= of) {
            @SuppressWarnings("unchecked") // just checked
            var lists = (List<List<Object>>) items;
            var root = (String) kwargs.get("root");
            return root == null
                    ? new MapChunk(task, mapId, start, lists)
                    : new MapChunk(task, mapId, start, lists, root, from.intValue(), of.intValue());
        }
        throw new WrongArgumentsException(TASK
                + "() wants task and map (strings of at most 255 bytes), start (from 0) and items (a list of at most "
                + MAX_ITEMS + " lists)");
    }

    /** A message for the item at a place, as the dead letters have it. Throws WrongArgumentsException if this is no chunk. */
    public static TaskMessage item(TaskMessage message, int place) {
        var chunk = from(message.kwargs());
        var identity = chunk.itemId(place);
        var id = Headers.isShort(identity) ? identity : message.id();
        Map<String, Object> kwargs = Map.of(
                "task", chunk.task(),
                "map", chunk.mapId(),
                "start", chunk.start() + place - chunk.from(),
                "items", List.of(chunk.item(place)));
        return message.item(id, kwargs);
    }

    /** The place behind its last item. */
    public int to() {
        return from + items.size();
    }

    public List<Object> item(int place) {
        return items.get(place - from);
    }

    public String itemId(int place) {
        return mapId + ":" + (start + place - from);
    }

    /** Whether it is a single item that was not cut out of a larger chunk: what becomes of it becomes of its message. */
    public boolean isOneItem() {
        return root == null && items.size() == 1;
    }

    /** The JSON of a chunk's message with these items' JSON, {@code more} being further fields. EncodeException: too large. */
    static byte[] body(String task, String mapId, long start, String more, byte[] items) {
        var open = "[[],{\"task\":%s,\"map\":%s,\"start\":%s%s,\"items\":["
                .formatted(Json.text(task), Json.text(mapId), start, more);
        var body = new ByteArrayOutputStream(items.length + open.length() + 32);
        body.writeBytes(open.getBytes(StandardCharsets.US_ASCII));
        body.writeBytes(items);
        body.writeBytes("]},{}]".getBytes(StandardCharsets.US_ASCII));
        if (body.size() > Json.MAX_BYTES) {
            throw new EncodeException(body.size() + " bytes of JSON are more than " + Json.MAX_BYTES);
        }
        return body.toByteArray();
    }

    /** Builds a chunk's message item by item, to end at a number of bytes or of items. Belongs to one thread. */
    public static final class Builder {
        /** So that a chunk, however it was filled before its last item, stays within {@link Json#MAX_BYTES}. */
        public static final int MAX_ITEM_BYTES = Json.MAX_BYTES - 1024 * 1024;

        private final String task;
        private final String mapId;
        private final long start;
        private final ByteArrayOutputStream items = new ByteArrayOutputStream();
        private int count;

        public Builder(String task, String mapId, long start) {
            this.task = task;
            this.mapId = mapId;
            this.start = start;
        }

        /** Adds an item's arguments. Throws EncodeException, and adds none, if they cannot travel or are too much. */
        public void add(List<?> args) {
            var json = Arguments.write(task, args);
            if (json.length > MAX_ITEM_BYTES) {
                throw new EncodeException(
                        "the arguments are " + json.length + " bytes of JSON, more than " + MAX_ITEM_BYTES);
            }
            JsonWeight.requireLight(json, JsonWeight.MAX_ITEM_BYTES);
            if (count++ > 0) {
                items.write(',');
            }
            items.writeBytes(json);
        }

        public int count() {
            return count;
        }

        public int sizeBytes() {
            return items.size();
        }

        /** The message of this id, which the reply carries back. Throws EncodeException if it is too large. */
        public EncodedMessage build(String id, String replyTo, Map<String, ?> headers) {
            var message = TaskMessage.of(id, TASK, List.of(), Map.of(), replyTo, headers);
            var body = body(task, mapId, start, "", items.toByteArray());
            return new EncodedMessage(TaskCodec.properties(message), body);
        }
    }
}
