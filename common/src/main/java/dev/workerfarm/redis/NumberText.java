package dev.workerfarm.redis;

import dev.workerfarm.error.SharedStateException;
import dev.workerfarm.shared.Typecode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A number as it is stored: {@code whole} of type i, or empty for a fraction; {@code real} of type d, the nearest
 * double. The text alone says its type: digits are an i, a double has a point, an e, or is Infinity or NaN.
 * {@code numbers.lua} reads and writes the same texts. Where only one type is wanted the other text is empty.
 */
public record NumberText(String whole, String real) {
    private static final Pattern REAL = Pattern.compile("-?\\d+\\.\\d+|-?\\d+\\.?\\d*[eE][+-]?\\d+|-?Infinity|NaN");

    /**
     * The texts of a number that a caller gave: a fraction unless its class is a whole type, as {@code 1.0} is a float
     * in Python. Throws SharedStateException if it does not fit into 64 bits, or is of a class that is not known here.
     */
    public static NumberText of(Number number) {
        if (number instanceof Long
                || number instanceof Integer
                || number instanceof Short
                || number instanceof Byte
                || number instanceof AtomicInteger
                || number instanceof AtomicLong) {
            return ofWhole(number.longValue());
        }
        if (number instanceof BigInteger big) {
            if (big.bitLength() > 63) {
                throw new SharedStateException("a shared number has 64 bits, too few for a whole number of "
                        + (big.bitLength() + 1) + " bits");
            }
            return ofWhole(big.longValue());
        }
        if (number instanceof BigDecimal decimal && Double.isInfinite(decimal.doubleValue())) {
            throw new SharedStateException(
                    "a shared number of type d is a double, too small for a decimal of precision " + decimal.precision()
                            + " and scale " + decimal.scale());
        }
        if (number instanceof Double || number instanceof Float || number instanceof BigDecimal) {
            return new NumberText("", Double.toString(number.doubleValue()));
        }
        throw new SharedStateException("a shared number cannot be made from a "
                + number.getClass().getName() + ": give a Long, a Double, or another of java.lang or java.math");
    }

    /** The number of a stored text, {@link Long} or {@link Double}; null where the text is neither. */
    static @Nullable Number parse(String text) {
        if (REAL.matcher(text).matches()) {
            return Double.valueOf(text);
        }
        try {
            long whole = Long.parseLong(text);
            // parseLong takes +1, 01 and -0 too, which INCRBY does not.
            return Long.toString(whole).equals(text) ? whole : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** The type that this number makes by itself. */
    public Typecode type() {
        return whole.isEmpty() ? Typecode.D : Typecode.I;
    }

    /** The text of the type that this number makes by itself. */
    public String text() {
        return whole.isEmpty() ? real : whole;
    }

    /** The text of that type. Throws SharedStateException if this is a fraction and the type is i. */
    public String as(Typecode type) {
        if (type == Typecode.D) {
            return real;
        }
        if (whole.isEmpty()) {
            throw new SharedStateException("type i holds whole numbers of 64 bits, not " + real);
        }
        return whole;
    }

    /** The texts without that of the other type, for a change that is refused there; null: either is wanted. */
    NumberText only(@Nullable Typecode only) {
        if (only == null) {
            return this;
        }
        return only == Typecode.I ? new NumberText(as(only), "") : new NumberText("", as(only));
    }

    /** What a number is read as after it was set where the type is this letter's. */
    static Number held(Number number, Object typecode) {
        var text = of(number);
        return typecode.equals("i") ? (Number) Long.valueOf(text.whole()) : Double.valueOf(text.real());
    }

    private static NumberText ofWhole(long number) {
        return new NumberText(Long.toString(number), Double.toString((double) number));
    }
}
