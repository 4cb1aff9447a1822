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
    private final int total;
    private boolean inLines;
    private int number;

    public Words(List<String> words, InputStream in) {
        this.words = words.iterator();
        this.lines = new Lines(in);
        this.total = words.contains(STANDARD_INPUT) ? -1 : words.size();
    }

    /** How many there are, or -1: unknown. */
    public int total() {
        return total;
    }

    @Override
    public String place() {
        return inLines ? lines.place() : "argument " + number;
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
            number++;
            inLines = word.equals(STANDARD_INPUT);
            if (!inLines) {
                return word;
            }
        }
    }
}
