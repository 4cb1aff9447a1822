package dev.workerfarm.wire;

import com.rabbitmq.client.LongString;
import dev.workerfarm.json.DecodeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Header names, and reading a message's headers as plain Java values: strings rather than amqp-client's LongString. */
public final class Headers {
    public static final String TASK = "task";
    public static final String ID = "id";
    public static final String RETRIES = "retries";
    public static final String ETA = "eta";
    public static final String EXPIRES = "expires";
    public static final String TIME_LIMIT = "timelimit";
    public static final String IGNORE_RESULT = "ignore_result";
    public static final String COMPRESSION = "compression";
    public static final String GENERATION = "farm-generation";
    public static final String STORE_RESULT = "farm-store-result"; // true: the worker keeps the outcome for a day
    public static final String PUBLISHED = "farm-published"; // when, in ms since 1970 by the publisher's clock
    public static final String RETRY = "farm-retry"; // when a task that fails is run again, see CallHeaders
    /** On a chunk: true: workers may cut it into parts. False: not that, but several replies may answer it. Absent: neither. */
    public static final String CUT = "farm-cut";

    public static final String TIMED_OUT = "farm-timed-out"; // items of a chunk that took too long, see CallHeaders
    public static final String HISTORY = "farm-history"; // the attempts that were in vain, see PostponedMessage
    public static final String RETURNED = "farm-returned"; // true: a quorum queue had it back too often
    public static final String RUNNING_COPY = "farm-running-copy"; // the number of a copy, see PostponedMessage
    private static final String UNREADABLE_NAME = "farm-unreadable-headers"; // stands for headers that cannot be read

    /** A field table of AMQP with that header, its length in front. Nobody changes it. */
    @SuppressWarnings("MutablePublicArray") // passed on to a buffer, for each such message
    public static final byte[] UNREADABLE = ByteBuffer.allocate(7 + UNREADABLE_NAME.length())
            .putInt(3 + UNREADABLE_NAME.length())
            .put((byte) UNREADABLE_NAME.length())
            .put(UNREADABLE_NAME.getBytes(StandardCharsets.US_ASCII))
            .put(new byte[] {'t', 1})
            .array();

    private static final String DIRECT_REPLY_TO = "amq.rabbitmq.reply-to";
    private static final int MAX_DEPTH = 32;

    private Headers() {}

    public static Map<String, @Nullable Object> read(@Nullable Map<String, Object> table) {
        if (table != null && table.containsKey(UNREADABLE_NAME)) {
            throw new DecodeException("the headers nest too deep, or are none");
        }
        return table == null ? Map.of() : readMap(table, 0);
    }

    /** Removes what names more queues for RabbitMQ ("Sender-selected Distribution"): a dead letter would come back. */
    public static void stayOnOneWay(Map<String, ?> headers) {
        List.of("CC", "BCC").forEach(headers::remove);
    }

    /** A header that must be text of 1 to 255 bytes, as an id becomes the reply's correlation id, a short string. */
    public static String requireText(Map<String, @Nullable Object> headers, String name) {
        if (headers.get(name) instanceof String text && isShort(text) && !text.isEmpty()) {
            return text;
        }
        throw new DecodeException("header '" + name + "' must be a text of 1 to 255 bytes");
    }

    /** Whether a text fits an AMQP short string: 255 bytes of UTF-8. */
    public static boolean isShort(String text) {
        return text.length() <= 255 && text.getBytes(StandardCharsets.UTF_8).length <= 255;
    }

    /**
     * Whether a queue of this name may be answered. RabbitMQ's "Direct Reply-to" may not: where the encoded process
     * behind the prefix is none, or its node is gone, RabbitMQ closes the connection that answers (3.10: 541
     * INTERNAL_ERROR). One message would take every worker's publishing connection in turn, and all results on it.
     */
    static boolean isSoundReplyTo(String queue) {
        return !queue.startsWith(DIRECT_REPLY_TO);
    }

    /** Refuses a message that wants its answer where none can go. */
    public static void requireReplyTo(@Nullable String queue) {
        if (queue != null && !isSoundReplyTo(queue)) {
            throw new DecodeException("reply_to must name a queue; RabbitMQ's direct reply-to is not answered");
        }
    }

    /** A header that is a count from 0, absent or null being 0. */
    public static int count(Map<String, @Nullable Object> headers, String name) {
        var number = headers.get(name) == null ? (Long) 0L : whole(headers.get(name));
        if (number == null || number < 0 || number > Integer.MAX_VALUE) {
            throw new DecodeException("header '" + name + "' must be a whole number from 0");
        }
        return number.intValue();
    }

    /** A value that is a whole number of 64 bits; null for any other. */
    public static @Nullable Long whole(@Nullable Object value) {
        return value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte
                ? (Long) ((Number) value).longValue()
                : null;
    }

    private static Map<String, @Nullable Object> readMap(Map<?, ?> table, int depth) {
        Map<String, @Nullable Object> plain = new LinkedHashMap<>();
        table.forEach((name, value) -> plain.put(String.valueOf(name), readValue(value, depth + 1)));
        return plain;
    }

    private static @Nullable Object readValue(@Nullable Object value, int depth) {
        if (depth > MAX_DEPTH) {
            throw new DecodeException("headers nest deeper than " + MAX_DEPTH);
        }
        if (value instanceof LongString text) {
            return text.toString();
        }
        if (value instanceof Map<?, ?> table) {
            return readMap(table, depth);
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> plain = new ArrayList<>(list.size());
            list.forEach(element -> plain.add(readValue(element, depth + 1)));
            return plain;
        }
        return value;
    }
}
