package dev.workerfarm.cli.shared;

import dev.workerfarm.cli.input.Typed;
import java.util.regex.Pattern;

/** A part of an array as Python writes it, {@code a[from:to]}; {@link Integer#MAX_VALUE} is the array's end. */
record Slice(int from, int to) {
    private static final Pattern FORM = Pattern.compile("(-?\\d+)?:(-?\\d+)?");

    /** Reads {@code I:J}, where either may be left out; an IllegalArgumentException if it has another form. */
    static Slice parse(String text) {
        var matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is no slice: write I:J, I: or :J");
        }
        var from = matcher.group(1);
        var to = matcher.group(2);
        return new Slice(
                from == null ? 0 : Typed.count("I", from), to == null ? Integer.MAX_VALUE : Typed.count("J", to));
    }
}
