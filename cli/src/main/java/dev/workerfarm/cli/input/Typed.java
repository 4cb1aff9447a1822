package dev.workerfarm.cli.input;

import dev.workerfarm.error.EncodeException;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.json.Json;
import dev.workerfarm.shared.Typecode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a person typed, as the value that is meant. Stateless. */
public final class Typed {
    private static final Pattern WHOLE = Pattern.compile("-?(0|[1-9][0-9]*)");
    private static final Pattern LIKE_JSON =
            Pattern.compile("-?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?|\\[.*]|\\{.*}|\".*\"", Pattern.DOTALL);

    private Typed() {}

    /** A JSON value; text that is none is a string. Throws EncodeException for JSON that cannot travel: it is no string. */
    public static @Nullable Object value(String text) {
        try {
            return Json.read(text);
        } catch (DecodeException e) {
            if (Json.isBeyondLimits(e) && LIKE_JSON.matcher(text.strip()).matches()) {
                throw new EncodeException(e.getMessage() + "; a string needs quotes", e);
            }
            return text;
        }
    }

    /** A JSON number; text that is none is a string, for the worker to complain about. */
    public static Object number(String text) {
        var stripped = text.strip();
        if (stripped.length() > Json.MAX_DIGITS && WHOLE.matcher(stripped).matches()) {
            return new BigInteger(stripped); // too long to travel, and said so as a number
        }
        return value(stripped) instanceof Number number ? number : text;
    }

    /** The arguments of a call: the elements of a JSON array, or the sole value. */
    public static List<?> arguments(String line) {
        return value(line) instanceof List<?> list ? list : Collections.singletonList(value(line));
    }

    /** A number of this type, or of the type it is written as for null; an IllegalArgumentException if it is none. */
    public static Number number(String text, @Nullable Typecode type) {
        if (!(value(text) instanceof Number number)) {
            throw new IllegalArgumentException("'" + text + "' is no number");
        }
        if (type == Typecode.D && number instanceof Long) {
            return number.doubleValue();
        }
        if (type == Typecode.D && number instanceof BigInteger large) {
            return new BigDecimal(large); // a fraction, and refused where it is too large for a double
        }
        if (type == Typecode.I && !(number instanceof Long || number instanceof BigInteger)) {
            throw new IllegalArgumentException("type i holds whole numbers, not " + text);
        }
        return number;
    }

    /** A whole number of 32 bits; an IllegalArgumentException if it is none. */
    public static int count(String what, String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(what + " is a whole number, not '" + text + "'", e);
        }
    }
}
