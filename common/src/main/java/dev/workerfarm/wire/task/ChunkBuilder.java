package dev.workerfarm.wire.task;

import dev.workerfarm.error.EncodeException;
import dev.workerfarm.json.Json;
import dev.workerfarm.json.JsonWeight;
import dev.workerfarm.wire.Arguments;
import dev.workerfarm.wire.Body;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Headers;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Builds the message of a {@link MapChunk} item by item, to end at a number of bytes or of items. Where most items are a whole
 * number each, the message is packed, and has the others as JSON. Belongs to one thread.
 */
public final class ChunkBuilder {
    /** So that a chunk, however it was filled before its last item, stays within {@link Json#MAX_BYTES}. */
    public static final int MAX_ITEM_BYTES = Json.MAX_BYTES - 1024 * 1024;

    /** A chunk with fewer numbers is JSON, which people can read. */
    private static final int LEAST_PACKED = 16;

    private final String task;
    private final String mapId;
    private final long start;
    private final boolean packs;
    private long[] numbers = new long[LEAST_PACKED];
    /** Of each item how many bytes of {@link #json} it has; 0: it is a number. */
    private int[] lengths = new int[LEAST_PACKED];

    private final ByteArrayOutputStream json = new ByteArrayOutputStream();
    private int jsonBytes; // its size, which is asked for at each item, and takes a lock there
    private int count;
    private int others;

    /** @param packs whether a message of whole numbers is packed, and not JSON */
    public ChunkBuilder(String task, String mapId, long start, boolean packs) {
        this.packs = packs;
        this.task = task;
        this.mapId = mapId;
        this.start = start;
    }

    /** Adds an item's arguments. Throws EncodeException, and adds none, if they cannot travel or are too much. */
    public void add(List<?> args) {
        var number = args.size() == 1 ? whole(args.get(0)) : null;
        if (number != null) {
            add(number, 0);
            return;
        }
        var bytes = Arguments.write(task, args);
        if (bytes.length > MAX_ITEM_BYTES) {
            throw new EncodeException(
                    "the arguments are " + bytes.length + " bytes of JSON, more than " + MAX_ITEM_BYTES);
        }
        JsonWeight.requireLight(bytes, JsonWeight.MAX_ITEM_BYTES);
        json.writeBytes(bytes);
        jsonBytes += bytes.length;
        others++;
        add(0, bytes.length);
    }

    private static @Nullable Long whole(@Nullable Object value) {
        return value instanceof BigInteger large && large.bitLength() < Long.SIZE
                ? (Long) large.longValue()
                : Headers.whole(value);
    }

    private void add(long number, int length) {
        if (count == numbers.length) {
            numbers = Arrays.copyOf(numbers, 2 * count);
            lengths = Arrays.copyOf(lengths, 2 * count);
        }
        numbers[count] = number;
        lengths[count++] = length;
    }

    public int count() {
        return count;
    }

    public int sizeBytes() {
        return jsonBytes + (count - others) * Long.BYTES; // as text a number is about as long
    }

    /** The message of this id, which the reply carries back. Throws EncodeException if it is too large. */
    public EncodedMessage build(String id, String replyTo, Map<String, ?> headers) {
        var message = TaskMessage.of(id, MapChunk.TASK, List.of(), Map.of(), replyTo, headers);
        var properties = TaskCodec.properties(message);
        var isPacked = packs && count - others >= Math.max(LEAST_PACKED, others);
        return isPacked
                ? new EncodedMessage(
                        Body.packed(properties),
                        MapChunk.packed(task, mapId, start, "", items(true), numbers, 0, count))
                : new EncodedMessage(properties, MapChunk.body(task, mapId, start, "", items(false)));
    }

    /** The JSON of all items; where numbers are packed, of the others, each with its place as its name. */
    private byte[] items(boolean packed) {
        var bytes = json.toByteArray();
        var items = new ByteArrayOutputStream(bytes.length + 2 * count);
        var at = 0;
        for (int place = 0; place < count; place++) {
            if (packed && lengths[place] == 0) {
                continue;
            }
            if (items.size() > 0) {
                items.write(',');
            }
            if (packed) {
                items.writeBytes(("\"" + place + "\":").getBytes(StandardCharsets.US_ASCII));
            }
            if (lengths[place] == 0) {
                items.writeBytes(("[" + numbers[place] + "]").getBytes(StandardCharsets.US_ASCII));
            } else {
                items.write(bytes, at, lengths[place]);
                at += lengths[place];
            }
        }
        return items.toByteArray();
    }
}
