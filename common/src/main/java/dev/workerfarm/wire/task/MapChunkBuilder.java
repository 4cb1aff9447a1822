package dev.workerfarm.wire.task;

import dev.workerfarm.error.EncodeException;
import dev.workerfarm.json.Json;
import dev.workerfarm.json.JsonWeight;
import dev.workerfarm.wire.EncodedMessage;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Builds the message of one {@link MapChunk} while its items come, so that a chunk can end at a number of bytes as well
 * as at a number of items. Belongs to one thread.
 */
public final class MapChunkBuilder {
    /** So that a chunk, however it was filled before its last item, stays within {@link Json#MAX_BYTES}. */
    public static final int MAX_ITEM_BYTES = Json.MAX_BYTES - 1024 * 1024;

    private final String task;
    private final String mapId;
    private final long start;
    private final ByteArrayOutputStream items = new ByteArrayOutputStream();
    private int count;

    public MapChunkBuilder(String task, String mapId, long start) {
        this.task = task;
        this.mapId = mapId;
        this.start = start;
    }

    /**
     * Adds the positional arguments of the next item. Throws EncodeException if they cannot travel, are more than
     * {@link #MAX_ITEM_BYTES} as JSON or have too many values; the chunk is as before.
     */
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

    /** The size of the items so far, in bytes of JSON. */
    public int sizeBytes() {
        return items.size();
    }

    /**
     * The message, to be published under {@code id}, which the reply carries back. Throws EncodeException if the items
     * together are more than {@link Json#MAX_BYTES}.
     */
    public EncodedMessage build(String id, String replyTo) {
        return build(id, replyTo, Map.of());
    }

    /** As {@link #build(String, String)}, with headers. */
    public EncodedMessage build(String id, String replyTo, Map<String, ?> headers) {
        var message = TaskMessage.of(id, MapChunk.TASK, List.of(), Map.of(), replyTo, headers);
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
