package dev.workerfarm.cli.input;

import java.io.InputStream;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The words of a command line, where {@code -} stands for the lines of standard input. Belongs to one thread. */
public final class Words extends ReadAhead {
    private static final String STANDARD_INPUT = "-";

    private final Iterator<String> words;
    private final Lines lines;
    private final long total;
    private boolean inLines;

    public Words(List<String> words, InputStream in) {
        this.words = words.iterator();
        this.lines = new Lines(in);
        this.total = words.contains(STANDARD_INPUT) ? -1 : words.size();
    }

    /** How many there are, or -1: unknown. */
    public long total() {
        return total;
    }

    @Override
    boolean canRead() {
        return !inLines || lines.isReady();
    }

    @Override
    protected @Nullable String read() {
        while (true) {
            if (inLines && lines.hasNext()) {
                return lines.next();
            }
            if (!words.hasNext()) {
                return null;
            }
            var word = words.next();
            inLines = word.equals(STANDARD_INPUT);
            if (!inLines) {
                return word;
            }
        }
    }
}
