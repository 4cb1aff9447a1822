package dev.workerfarm.json;

import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Breaks a valid body in every small way; whatever reads it gives a value or a {@link DecodeException}. */
public final class Damage {
    /** What is tried on the broken body. */
    public interface Decoder {
        @Nullable
        Object decode(byte[] body);
    }

    private static final String SYNTAX = "[]{}\",:0-eE.\\ntfN";

    private Damage() {}

    /** Every beginning of the body, and everything more behind it. */
    public static void truncate(byte[] body, Decoder decoder) {
        for (int length = 0; length < body.length; length++) {
            survives(Arrays.copyOf(body, length), decoder);
        }
        for (var more : new byte[] {0, ' ', ',', ']', '1', (byte) 0xff}) {
            var longer = Arrays.copyOf(body, body.length + 1);
            longer[body.length] = more;
            survives(longer, decoder);
        }
    }

    /** Every bit flipped, one at a time. */
    public static void flipBits(byte[] body, Decoder decoder) {
        for (int bit = 0; bit < 8 * body.length; bit++) {
            var damaged = body.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            survives(damaged, decoder);
        }
    }

    /** Every byte replaced by each of these, one at a time. */
    public static void replaceBytes(byte[] body, byte[] replacements, Decoder decoder) {
        for (int i = 0; i < body.length; i++) {
            for (var replacement : replacements) {
                var damaged = body.clone();
                damaged[i] = replacement;
                survives(damaged, decoder);
            }
        }
    }

    /** So many times a few bytes replaced, removed, doubled or moved, anywhere. */
    public static void shuffle(byte[] body, int times, JsonValues random, Decoder decoder) {
        for (int i = 0; i < times; i++) {
            var damaged = body.clone();
            for (int n = 1 + random.below(4); n > 0 && damaged.length > 0; n--) {
                damaged = change(damaged, random);
            }
            survives(damaged, decoder);
        }
    }

    private static byte[] change(byte[] body, JsonValues random) {
        var at = random.below(body.length);
        var length = Math.min(body.length - at, 1 + random.below(8));
        var to = random.below(body.length - length + 1);
        var changed = body.clone();
        switch (random.below(4)) {
            case 0 -> changed[at] = (byte) random.below(256);
            case 1 -> changed[at] = (byte) SYNTAX.charAt(random.below(SYNTAX.length()));
            case 2 -> System.arraycopy(body, at, changed, to, length);
            default -> {
                changed = Arrays.copyOf(body, body.length - length);
                System.arraycopy(body, at + length, changed, at, body.length - at - length);
            }
        }
        return changed;
    }

    public static void survives(byte[] body, Decoder decoder) {
        try {
            decoder.decode(body);
        } catch (DecodeException e) {
            // as it should be
        } catch (Throwable e) {
            var shown = HexFormat.of().formatHex(body, 0, Math.min(body.length, 4_096));
            throw new AssertionError("of " + body.length + " bytes " + shown, e);
        }
    }
}
