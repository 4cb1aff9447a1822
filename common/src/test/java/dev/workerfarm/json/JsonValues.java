package dev.workerfarm.json;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Random JSON values, of the types that {@link Json#read} gives. Its text is the seed, to be shown where a test fails;
 * {@code -Dtest.seed=...} makes them again.
 */
public final class JsonValues {
    private static final List<String> ODD_TEXTS = List.of(
            "",
            "\u0000",
            "\"\\/\b\f\n\r\t",
            "\u007f\u0080\u2028\ufeff\uffff",
            "😀",
            "\ud83d",
            "\ude00",
            "\ude00\ud83d",
            "e\u0301",
            "NaN",
            "null",
            "\\u0041",
            "__type__");
    private static final List<Double> ODD_DOUBLES = List.of(
            Double.NaN,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            -0.0,
            0.0,
            1.0,
            Double.MIN_VALUE,
            -Double.MIN_NORMAL / 2,
            Double.MAX_VALUE,
            0x1p53,
            1e22,
            2e-323);
    private static final List<Long> ODD_LONGS = List.of(
            0L,
            1L,
            -1L,
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            (long) Integer.MIN_VALUE,
            (long) Integer.MAX_VALUE,
            Integer.MAX_VALUE + 1L,
            (1L << 53) + 1);

    private final long seed;
    private final Random random;

    public JsonValues() {
        this(Long.getLong("test.seed", System.nanoTime()));
    }

    private JsonValues(long seed) {
        this.seed = seed;
        this.random = new Random(seed);
    }

    /** Any value, nested up to 5 levels. */
    public @Nullable Object value() {
        return value(5);
    }

    public List<Object> list() {
        return list(4);
    }

    public Map<String, Object> map() {
        return map(4);
    }

    public String text() {
        var text = new StringBuilder();
        for (int i = random.nextInt(4); i >= 0; i--) {
            text.append(
                    random.nextBoolean()
                            ? pick(ODD_TEXTS)
                            : Character.toString(random.nextInt(Character.MAX_CODE_POINT + 1)));
        }
        return text.toString();
    }

    /** As {@link #text}, with no half of a surrogate pair, which only texts may have. */
    public String name() {
        return new String(text().getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    /** Of 1 to {@code digits} digits, beyond a long mostly; either sign. */
    public BigInteger integer(int digits) {
        var text = new StringBuilder(random.nextBoolean() ? "-" : "").append(1 + random.nextInt(9));
        for (int i = random.nextInt(digits); i > 0; i--) {
            text.append(random.nextInt(10));
        }
        return new BigInteger(text.toString());
    }

    public int below(int bound) {
        return random.nextInt(bound);
    }

    private @Nullable Object value(int depth) {
        return switch (random.nextInt(depth > 0 ? 10 : 8)) {
            case 0 -> null;
            case 1 -> random.nextBoolean();
            case 2 -> pick(ODD_LONGS);
            case 3 -> random.nextLong();
            case 4 -> {
                var integer = integer(random.nextInt(50) == 0 ? Json.MAX_DIGITS : 40);
                yield integer.bitLength() < 64 ? (Object) integer.longValueExact() : integer;
            }
            case 5 -> pick(ODD_DOUBLES);
            case 6 -> Double.longBitsToDouble(random.nextLong());
            case 7 -> text();
            case 8 -> list(depth - 1);
            default -> map(depth - 1);
        };
    }

    private List<Object> list(int depth) {
        List<Object> list = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            list.add(value(depth));
        }
        return list;
    }

    private Map<String, Object> map(int depth) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            map.put(name(), value(depth));
        }
        return map;
    }

    private <T> T pick(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    @Override
    public String toString() {
        return "-Dtest.seed=" + seed;
    }

    /** Lists within lists. */
    public static List<Object> nested(int levels) {
        List<Object> list = new ArrayList<>();
        for (int i = 1; i < levels; i++) {
            List<Object> outer = new ArrayList<>();
            outer.add(list);
            list = outer;
        }
        return list;
    }

    /** The largest integer of so many digits. */
    public static BigInteger nines(int digits) {
        return BigInteger.TEN.pow(digits).subtract(BigInteger.ONE);
    }
}
