package dev.workerfarm.wire.task;

import dev.workerfarm.error.EncodeException;
import dev.workerfarm.json.Json;
import dev.workerfarm.wire.Headers;
import dev.workerfarm.wire.PackedBody;
import dev.workerfarm.wire.PackedList;
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
                && (items instanceof PackedList || items.stream().allMatch(List.class::isInstance))
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

    /** The items of a packed chunk: of most the sole argument is one of the numbers, the field has the others by their places. */
    static List<List<Object>> items(PackedBody body, @Nullable Object others) {
        @SuppressWarnings({"unchecked", "rawtypes"}) // JSON lists hold Objects
        var items = (List<List<Object>>) (List) body.list(others, List.class, List::of);
        return items;
    }

    /** The JSON of a chunk's message with these items' JSON, {@code more} being further fields. EncodeException: too large. */
    static byte[] body(String task, String mapId, long start, String more, byte[] items) {
        return bounded(json(task, mapId, start, more, '[', items, ']'));
    }

    /** The body of a packed chunk's message, {@code others} being the JSON of those that are no numbers, by their places. */
    static byte[] packed(
            String task, String mapId, long start, String more, byte[] others, long[] numbers, int from, int to) {
        return bounded(PackedBody.write(json(task, mapId, start, more, '{', others, '}'), numbers, from, to));
    }

    private static byte[] json(
            String task, String mapId, long start, String more, char open, byte[] items, char close) {
        var head = "[[],{\"task\":%s,\"map\":%s,\"start\":%s%s,\"items\":%s"
                .formatted(Json.text(task), Json.text(mapId), start, more, open);
        var body = new ByteArrayOutputStream(items.length + head.length() + 32);
        body.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
        body.writeBytes(items);
        body.writeBytes((close + "},{}]").getBytes(StandardCharsets.US_ASCII));
        return body.toByteArray();
    }

    private static byte[] bounded(byte[] body) {
        if (body.length > Json.MAX_BYTES) {
            throw new EncodeException(body.length + " bytes are more than " + Json.MAX_BYTES);
        }
        return body;
    }
}
