package dev.workerfarm.message;

import dev.workerfarm.error.DecodeException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Breaks a valid body in every small way; whatever reads it gives a value or a {@link DecodeException}. */
final class Damage {
    /** What is tried on the broken body. */
    interface Decoder {
        @Nullable
        Object decode(byte[] body);
    }

    private Damage() {}

    /** Every beginning of the body, and everything more behind it. */
    static void truncate(byte[] body, Decoder decoder) {
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
    static void flipBits(byte[] body, Decoder decoder) {
        for (int bit = 0; bit < 8 * body.length; bit++) {
            var damaged = body.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            survives(damaged, decoder);
        }
    }

    /** Every byte replaced by each of these, one at a time. */
    static void replaceBytes(byte[] body, byte[] replacements, Decoder decoder) {
        for (int i = 0; i < body.length; i++) {
            for (var replacement : replacements) {
                var damaged = body.clone();
                damaged[i] = replacement;
                survives(damaged, decoder);
            }
        }
    }

    static void survives(byte[] body, Decoder decoder) {
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
