package dev.workerfarm.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.core.io.NumberOutput;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import java.io.IOException;
import java.math.BigDecimal;

/**
 * Fractions in JSON. A text that a double prints as is read as that Double, in whatever language it was printed; any other,
 * such as {@code 19.90} or {@code 1E+400}, is a BigDecimal. So a BigDecimal is the same again after it was written and read,
 * also where it became a Double on its way. Stateless.
 */
final class Decimals {
    /** Arithmetic with a larger exponent, which a stranger may send in a few bytes, would fill the heap. */
    static final int MAX_SCALE = 1_000_000;

    private Decimals() {}

    /** The Double or BigDecimal of a JSON number. Throws NumberFormatException if its exponent is too large. */
    static Number read(String text) {
        double nearest = Double.parseDouble(text);
        if (text.equals(shortest(nearest))) { // nearly always
            return nearest;
        }
        var decimal = new BigDecimal(text);
        if (Math.abs((long) decimal.scale()) > MAX_SCALE) {
            throw new NumberFormatException("a decimal with an exponent beyond " + MAX_SCALE);
        }
        return Double.isFinite(nearest) && isDouble(text, decimal, nearest) ? (Number) nearest : decimal;
    }

    private static boolean isDouble(String text, BigDecimal decimal, double nearest) {
        if (decimal.signum() == 0 && text.startsWith("-")) {
            return true; // a BigDecimal has no negative zero
        }
        var exact = of(nearest);
        return decimal.compareTo(exact) == 0 && (hasExponentOfDouble(text) || decimal.scale() == exact.scale());
    }

    /** As Python, JavaScript and Go print exponents ({@code 1e+22}), and Java those of doubles ({@code 1.0E22}). */
    private static boolean hasExponentOfDouble(String text) {
        var at = text.indexOf('E');
        return text.indexOf('e') > 0 || (at > 0 && Character.isDigit(text.charAt(at + 1)));
    }

    /** What a BigDecimal is written as: never what a double of another scale prints as. */
    static String text(BigDecimal value) {
        var text = value.toString();
        return text.contains(".0E-") ? value.unscaledValue() + "E" + -value.scale() : text;
    }

    /** The decimal that a finite double prints as, with one digit or more behind its point, and no more zeros there. */
    private static BigDecimal of(double value) {
        var decimal = new BigDecimal(shortest(value)).stripTrailingZeros();
        return decimal.scale() < 1 ? decimal.setScale(1) : decimal;
    }

    /** As the JSON writer prints it, and JDK 19 and later; earlier ones print some doubles with a digit more. */
    private static String shortest(double value) {
        return NumberOutput.toString(value, true);
    }

    /** The tokens of values that {@link #read} has made, given as the type asks: exact decimals, no double out of range. */
    static final class Typed extends JsonParserDelegate {
        Typed(JsonParser values) {
            super(values);
        }

        @Override
        public BigDecimal getDecimalValue() throws IOException {
            if (!(getNumberValueDeferred() instanceof Double number)) {
                return super.getDecimalValue();
            }
            if (!Double.isFinite(number)) {
                throw outOfRange(number, BigDecimal.class);
            }
            return of(number);
        }

        @Override
        public double getDoubleValue() throws IOException {
            double value = super.getDoubleValue();
            if (Double.isInfinite(value) && !isNaN()) {
                throw outOfRange(getNumberValue(), double.class);
            }
            return value;
        }

        @Override
        public float getFloatValue() throws IOException {
            float value = super.getFloatValue();
            if (Float.isInfinite(value) && !isNaN()) {
                throw outOfRange(getNumberValue(), float.class);
            }
            return value;
        }

        private InputCoercionException outOfRange(Number number, Class<?> wanted) {
            var text = number.toString();
            return new InputCoercionException(
                    this,
                    (text.length() > 40 ? text.substring(0, 40) + "..." : text) + " does not fit "
                            + wanted.getSimpleName(),
                    currentToken(),
                    wanted);
        }
    }
}
