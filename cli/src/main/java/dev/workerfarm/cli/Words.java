package dev.workerfarm.cli;

import dev.workerfarm.pool.Incoming;
import java.io.InputStream;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** The words of a command line, where {@code -} stands for the lines of standard input. Belongs to one thread. */
final class Words implements Incoming<String> {
    private static final String STANDARD_INPUT = "-";

    private final Iterator<String> words;
    private final Lines lines;
    private final long total;
    private boolean inLines;
    private @Nullable String next;

    Words(List<String> words, InputStream in) {
        this.words = words.iterator();
        this.lines = new Lines(in);
        this.total = words.contains(STANDARD_INPUT) ? -1 : words.size();
    }

    /** How many there are, or -1: unknown. */
    long total() {
        return total;
    }

    @Override
    public boolean isReady() {
        return next != null || !inLines || lines.isReady();
    }

    @Override
    public boolean hasNext() {
        while (next == null) {
            if (inLines) {
                inLines = lines.hasNext();
                next = inLines ? lines.next() : null;
            } else if (words.hasNext()) {
                var word = words.next();
                inLines = word.equals(STANDARD_INPUT);
                next = inLines ? null : word;
            } else {
                return false;
            }
        }
        return true;
    }

    @Override
    public String next() {
        if (!hasNext() || next == null) {
            throw new NoSuchElementException();
        }
        var word = next;
        next = null;
        return word;
    }
}
