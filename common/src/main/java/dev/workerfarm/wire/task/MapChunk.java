package dev.workerfarm.wire.task;

import dev.workerfarm.error.EncodeException;
import dev.workerfarm.json.Json;
import dev.workerfarm.json.JsonWeight;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Headers;
import dev.workerfarm.wire.WrongArgumentsException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** A stretch of a map from index {@code start}: arguments of our task {@value #TASK}, which runs {@code task} on each. */
public record MapChunk(String task, String mapId, long start, List<List<Object>> items) {
    public static final String TASK = "workerfarm.map";
    /** So many items may a chunk have: each comes to an outcome, which takes far more memory than an empty item. */
    public static final int MAX_ITEMS = 20_000;

    /** Reads a chunk. Throws WrongArgumentsException if an argument is missing, of another type, or too large. */
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
                && items.stream().allMatch(List.class::isInstance)) {
            @SuppressWarnings("unchecked") // just checked
            var lists = (List<List<Object>>) items;
            return new MapChunk(task, mapId, start, lists);
        }
        throw new WrongArgumentsException(TASK
                + "() wants task and map (strings of at most 255 bytes), start (from 0) and items (a list of at most "
                + MAX_ITEMS + " lists)");
    }

    /** A message for one item, as the dead letters have it. Throws WrongArgumentsException if this is no chunk. */
    public static TaskMessage item(TaskMessage message, int offset) {
        var chunk = from(message.kwargs());
        var identity = chunk.itemId(offset);
        var id = Headers.isShort(identity) ? identity : message.id();
        Map<String, Object> kwargs = Map.of(
                "task", chunk.task(),
                "map", chunk.mapId(),
                "start", chunk.start() + offset,
                "items", List.of(chunk.items().get(offset)));
        return message.item(id, kwargs);
    }

    public String itemId(int offset) {
        return mapId + ":" + (start + offset);
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
            var json = Json.writePart(args);
            if (json.length > MAX_ITEM_BYTES) {
                throw new EncodeException(json.length + " bytes of JSON are more than " + MAX_ITEM_BYTES);
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
            var open = "[[],{\"task\":%s,\"map\":%s,\"start\":%d,\"items\":["
                    .formatted(Json.text(task), Json.text(mapId), start);
            var body = new ByteArrayOutputStream(items.size() + open.length() + 32);
            body.writeBytes(open.getBytes(StandardCharsets.US_ASCII));
            body.writeBytes(items.toByteArray());
            body.writeBytes("]},{}]".getBytes(StandardCharsets.US_ASCII));
            if (body.size() > Json.MAX_BYTES) {
                throw new EncodeException(body.size() + " bytes of JSON are more than " + Json.MAX_BYTES);
            }
            return new EncodedMessage(TaskCodec.properties(message), body.toByteArray());
        }
    }
}
