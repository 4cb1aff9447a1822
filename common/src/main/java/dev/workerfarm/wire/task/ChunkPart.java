package dev.workerfarm.wire.task;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.rabbitmq.client.AMQP;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.json.Json;
import dev.workerfarm.wire.Body;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Headers;
import dev.workerfarm.wire.PackedBody;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The items of a map's chunk from one place up to and without another, as a message of its own. Its id, {@code <chunk's
 * id>/<from>-<to>}, says which, so that any reply to it can be attributed; places stay those of the chunk.
 */
public record ChunkPart(String root, int from, int to) {
    private static final Pattern ID = Pattern.compile("(.+)/(\\d{1,5})-(\\d{1,5})", Pattern.DOTALL);

    /** The part that an id names, or null: it names none. */
    public static @Nullable ChunkPart of(String id) {
        var matcher = ID.matcher(id);
        if (!matcher.matches()) {
            return null;
        }
        var from = Integer.parseInt(matcher.group(2));
        var to = Integer.parseInt(matcher.group(3));
        return from < to && to <= MapChunk.MAX_ITEMS ? new ChunkPart(matcher.group(1), from, to) : null;
    }

    public String id() {
        return root + "/" + from + "-" + to;
    }

    /**
     * The part's message, cut out of that of its chunk or of a larger part of it; its items are the same to the byte. Throws
     * DecodeException if that is no such message, EncodeException if the part's id is too long.
     */
    public EncodedMessage message(AMQP.BasicProperties properties, byte[] body) {
        var headers = Headers.read(properties.getHeaders());
        return Body.isPacked(properties)
                ? packed(properties, PackedBody.read(properties, headers, body))
                : cut(properties, Body.json(properties, headers, body));
    }

    private EncodedMessage packed(AMQP.BasicProperties properties, PackedBody body) {
        if (!(Json.read(body.json()) instanceof List<?> parts
                && parts.size() > 1
                && parts.get(1) instanceof Map<?, ?> fields
                && fields.get("task") instanceof String task
                && fields.get("map") instanceof String mapId
                && fields.get("start") instanceof Long start
                && fields.get("items") instanceof Map<?, ?> others)) {
            throw new DecodeException("not a chunk");
        }
        var first = fields.get("from") instanceof Long place ? place.intValue() : 0;
        var of = fields.get("of") instanceof Long count ? count.intValue() : body.numbers().length;
        if (from < first || to > first + body.numbers().length) {
            throw new DecodeException("a chunk without the items " + from + " to " + to);
        }
        MapChunk.items(body, others); // the places are what they should be
        Map<String, @Nullable Object> mine = new LinkedHashMap<>();
        others.forEach((name, args) -> {
            var place = Integer.parseInt((String) name) + first;
            if (place >= from && place < to) {
                mine.put(Integer.toString(place - from), args);
            }
        });
        var object = Json.writePart(mine);
        var json = Arrays.copyOfRange(object, 1, object.length - 1); // without its braces
        var part = MapChunk.packed(
                task, mapId, start + from - first, place(of), json, body.numbers(), from - first, to - first);
        return PostponedMessage.part(properties, part, id());
    }

    private String place(int of) {
        return ",\"root\":%s,\"from\":%s,\"of\":%s".formatted(Json.text(root), from, of);
    }

    private EncodedMessage cut(AMQP.BasicProperties properties, byte[] json) {
        try (var parser = Json.parser(json)) {
            var chunk = Fields.read(parser, from, to);
            var items = Arrays.copyOfRange(json, chunk.itemsFrom, chunk.itemsTo);
            var start = chunk.start + from - chunk.from;
            var part = MapChunk.body(chunk.task, chunk.mapId, start, place(chunk.of), items);
            return PostponedMessage.part(properties, part, id());
        } catch (IOException e) {
            throw new DecodeException("not a chunk: " + Json.reason(e), e);
        }
    }

    /** What a chunk's message says, and where in its bytes the wanted items are. */
    private static final class Fields {
        private String task = "";
        private String mapId = "";
        private long start;
        private int from;
        private int of;
        private int itemsFrom;
        private int itemsTo;

        /** Reads the chunk, whose {@code from} and {@code of} come before its items. */
        static Fields read(JsonParser parser, int from, int to) throws IOException {
            var fields = new Fields();
            expect(parser, JsonToken.START_ARRAY);
            expect(parser, JsonToken.START_ARRAY);
            parser.skipChildren();
            expect(parser, JsonToken.START_OBJECT);
            for (var name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                parser.nextToken();
                switch (name) {
                    case "task" -> fields.task = parser.getText();
                    case "map" -> fields.mapId = parser.getText();
                    case "start" -> fields.start = parser.getLongValue();
                    case "from" -> fields.from = parser.getIntValue();
                    case "of" -> fields.of = parser.getIntValue();
                    case "items" -> fields.readItems(parser, from, to);
                    default -> parser.skipChildren();
                }
            }
            if (fields.itemsTo == 0) {
                throw new DecodeException("a chunk without the items " + from + " to " + to);
            }
            return fields;
        }

        private void readItems(JsonParser parser, int first, int last) throws IOException {
            var place = from;
            for (; parser.nextToken() == JsonToken.START_ARRAY; place++) {
                if (place == first) {
                    itemsFrom = (int) parser.currentTokenLocation().getByteOffset();
                }
                parser.skipChildren();
                if (place == last - 1 && itemsFrom > 0) {
                    itemsTo = (int) parser.currentLocation().getByteOffset();
                }
            }
            of = Math.max(of, place); // of a whole chunk, which does not say
        }

        private static void expect(JsonParser parser, JsonToken token) throws IOException {
            if (parser.nextToken() != token) {
                throw new DecodeException("not a chunk");
            }
        }
    }
}
