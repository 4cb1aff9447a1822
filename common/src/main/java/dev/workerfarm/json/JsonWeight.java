package dev.workerfarm.json;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.workerfarm.error.EncodeException;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the values of one JSON text take on the heap, roughly, counted before they are made: 16 MiB of {@code {"":[0]},}
 * become 488 MB. The letters of texts are not counted, as they take no more than the JSON. Belongs to one thread.
 */
public final class JsonWeight {
    /** Of the values of a message: a list of a million and a half numbers, or half a million lists. */
    public static final int MAX_MESSAGE_BYTES = 48 * 1024 * 1024;
    /** Of one item of a map, so that its chunk, with small items before it, stays within that of a message. */
    public static final int MAX_ITEM_BYTES = 32 * 1024 * 1024;

    // As a 64-bit JVM with compressed pointers lays them out, with their place in a list that has grown.
    private static final int NUMBER = 32;
    private static final int DECIMAL = 48;
    private static final int LARGE_NUMBER = 64; // more, for the digits that no long holds
    static final int LONGEST_DIGITS = 18; // of a number that a long surely holds
    private static final int TEXT = 64;
    private static final int LIST = 96;
    private static final int MAP = 160;
    private static final int NAME = 96;

    /** No JSON that is shorter weighs as much as an item may: an empty object and its comma are three bytes. */
    public static final int SURELY_LIGHT_BYTES = MAX_ITEM_BYTES / MAP * 3 - 1_000;

    private final long most;
    private long bytes;

    JsonWeight(long mostBytes) {
        this.most = mostBytes;
    }

    /** Counts one token. Throws StreamConstraintsException if it is too much with this one. */
    void add(JsonToken token) throws StreamConstraintsException {
        bytes += switch (token) {
            case START_OBJECT -> MAP;
            case START_ARRAY -> LIST;
            case FIELD_NAME -> NAME;
            case VALUE_STRING -> TEXT;
            case VALUE_NUMBER_FLOAT -> DECIMAL;
            case VALUE_NUMBER_INT, VALUE_TRUE, VALUE_FALSE, VALUE_NULL -> NUMBER;
            case END_ARRAY, END_OBJECT, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT -> 0;
        };
        requireLight();
    }

    /** Counts the digits of the last token, a number, where it was too large for a long. Throws as {@link #add}. */
    void addLargeNumber() throws StreamConstraintsException {
        bytes += LARGE_NUMBER;
        requireLight();
    }

    private void requireLight() throws StreamConstraintsException {
        if (bytes > most) {
            throw new StreamConstraintsException(
                    "too many values: they would take more than " + most + " bytes of memory");
        }
    }

    /** The bytes of heap that a value takes after it was read; each letter of its texts counts as two bytes. */
    public static long of(@Nullable Object value) {
        if (value instanceof String text) {
            return TEXT + 2L * text.length();
        }
        if (value instanceof List<?> list) {
            return LIST + list.stream().mapToLong(JsonWeight::of).sum();
        }
        if (value instanceof Map<?, ?> map) {
            return MAP
                    + map.entrySet().stream()
                            .mapToLong(entry -> NAME + of(entry.getKey()) + of(entry.getValue()))
                            .sum();
        }
        if (value instanceof BigInteger large) {
            return LARGE_NUMBER + (long) large.bitLength() / Byte.SIZE;
        }
        return value instanceof BigDecimal decimal
                ? LARGE_NUMBER + (long) decimal.unscaledValue().bitLength() / Byte.SIZE
                : NUMBER;
    }

    /** Checks JSON that was written here, as its reader will. Throws EncodeException if it has too many values. */
    public static void requireLight(byte[] json, int mostBytes) {
        if (json.length <= SURELY_LIGHT_BYTES) {
            return;
        }
        var weight = new JsonWeight(mostBytes);
        try (var parser = Json.parser(json)) {
            for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
                weight.add(token);
                if (token.isNumeric() && parser.getTextLength() > LONGEST_DIGITS) {
                    weight.addLargeNumber();
                }
            }
        } catch (IOException e) {
            throw new EncodeException("the arguments cannot travel as JSON: " + Json.reason(e), e);
        }
    }
}
