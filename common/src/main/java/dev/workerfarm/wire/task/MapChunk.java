package dev.workerfarm.wire.task;

import dev.workerfarm.error.WrongArgumentsException;
import dev.workerfarm.wire.Headers;
import java.util.List;
import java.util.Map;

/**
 * A stretch of a map: many argument lists of one task in one message, the arguments of our task {@value #TASK}.
 *
 * @param task the name of the task that runs for each item
 * @param mapId the map's id; an item's identity is (map id, index)
 * @param start the index of the first item in the whole map
 * @param items the positional arguments of each item
 */
public record MapChunk(String task, String mapId, long start, List<List<Object>> items) {
    /** The task name under which chunks travel. */
    public static final String TASK = "workerfarm.map";
    /** So many items may a chunk have: each comes to an outcome, which takes far more memory than an empty item. */
    public static final int MAX_ITEMS = 20_000;

    /**
     * Reads a chunk from a task message's keyword arguments. Throws WrongArgumentsException if one is missing, of
     * another type, or too large.
     */
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

    /**
     * A message of its own for one item of a chunk's message, such as the dead letters have it: a chunk of one under
     * the item's identity. It keeps none of the headers but those that every message has. Throws
     * WrongArgumentsException if the message is no chunk.
     */
    public static TaskMessage item(TaskMessage message, int offset) {
        var chunk = from(message.kwargs());
        var identity = chunk.itemId(offset);
        var id = Headers.isShort(identity) ? identity : message.id();
        Map<String, Object> kwargs = Map.of(
                "task", chunk.task(),
                "map", chunk.mapId(),
                "start", chunk.start() + offset,
                "items", List.of(chunk.items().get(offset)));
        return new TaskMessage(
                id,
                TASK,
                message.retries(),
                message.generation(),
                List.of(),
                kwargs,
                message.replyTo(),
                id,
                message.ignoreResult(),
                Map.of());
    }

    /** The identity of the item at this offset in the chunk. */
    public String itemId(int offset) {
        return mapId + ":" + (start + offset);
    }
}
