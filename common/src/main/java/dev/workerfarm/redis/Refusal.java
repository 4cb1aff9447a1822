package dev.workerfarm.redis;

import dev.workerfarm.error.SharedStateException;
import dev.workerfarm.shared.Typecode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns the code by which a script refused, or a stored text that is no number, into an exception's text. */
public final class Refusal {
    private static final int QUOTED_LENGTH = 40;

    private Refusal() {}

    /** The exception for an answer of a script: a code and a detail, as the scripts' files list them. */
    public static SharedStateException of(
            String subject, List<?> answer, @Nullable String place, @Nullable Number number, @Nullable Typecode only) {
        String code = answer.get(0).toString();
        String detail = answer.get(1).toString();
        return switch (code) {
            case "range" ->
                detail.equals("0")
                        ? absent(subject)
                        : new SharedStateException(place + " out of range for " + subject + " of length " + detail);
            case "fraction" ->
                only == Typecode.D
                        ? ofOtherType(subject, detail, "i, not d")
                        : new SharedStateException(subject + " holds " + detail
                                + ", so it is of type i and takes whole numbers, not " + number
                                + "; make it of type d for fractions");
            case "whole" -> ofOtherType(subject, detail, "d, not i");
            case "overflow" ->
                new SharedStateException(subject + " holds " + detail + ": adding " + number
                        + " overflows 64 bits; nothing was changed");
            case "junk" -> junk(subject, detail);
            default -> throw new IllegalStateException(subject + ": a script answered " + answer);
        };
    }

    public static SharedStateException absent(String subject) {
        return new SharedStateException(subject + " does not exist: make it first (fill)");
    }

    /** The number of a text from Redis, which anyone may have written. */
    public static Number read(String subject, Object text) {
        Number number = NumberText.parse(text.toString());
        if (number == null) {
            throw junk(subject, text.toString());
        }
        return number;
    }

    private static SharedStateException ofOtherType(String subject, String held, String types) {
        var problem = " holds " + held + ", so it is of type " + types + "; nothing was changed";
        return new SharedStateException(subject + problem);
    }

    private static SharedStateException junk(String subject, String text) {
        String start = text.length() <= QUOTED_LENGTH ? text : text.substring(0, QUOTED_LENGTH) + "...";
        return new SharedStateException(subject + " holds what is no number of 64 bits: \""
                + start.replaceAll("\\p{Cntrl}", "?") + "\" (set by someone else?)");
    }
}
