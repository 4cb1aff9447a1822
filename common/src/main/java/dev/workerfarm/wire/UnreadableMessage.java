package dev.workerfarm.wire;

import dev.workerfarm.json.Json;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What stands for the parts of a message that no connection passes on, as they are too much or make no sense. */
public final class UnreadableMessage {
    /** So much of a larger body is passed on: enough to be refused for its size. */
    public static final int MOST_BODY_BYTES = Json.MAX_BYTES + 1;

    /** The one header that stands for headers that cannot be read. */
    static final String HEADER = "farm-unreadable-headers";

    /** A field table of AMQP with that header, its length in front. Nobody changes it. */
    @SuppressWarnings("MutablePublicArray") // passed on to a buffer, for each such message
    public static final byte[] HEADERS = headers();

    private UnreadableMessage() {}

    private static byte[] headers() {
        var name = HEADER.getBytes(StandardCharsets.US_ASCII);
        var table = ByteBuffer.allocate(4 + 1 + name.length + 2);
        return table.putInt(1 + name.length + 2)
                .put((byte) name.length)
                .put(name)
                .put((byte) 't')
                .put((byte) 1)
                .array();
    }
}
