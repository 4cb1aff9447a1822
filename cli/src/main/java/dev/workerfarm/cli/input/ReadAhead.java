package dev.workerfarm.cli.input;

import dev.workerfarm.pool.map.Incoming;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Texts that are read one ahead, when they are asked for. Belongs to one thread. */
public abstract class ReadAhead implements Incoming<String> {
    private @Nullable String next;

    /** Waits for the next text; null at the end, also when it is called again. */
    protected abstract @Nullable String read();

    /** Where the text stands that was read last, for a person: {@code line 3}. */
    public abstract String place();

    /** Whether {@link #read} would answer without much waiting. */
    abstract boolean canRead();

    @Override
    public final boolean isReady() {
        return next != null || canRead();
    }

    @Override
    public final boolean hasNext() {
        if (next == null) {
            next = read();
        }
        return next != null;
    }

    @Override
    public String next() {
        var text = hasNext() ? next : null;
        next = null;
        return Optional.ofNullable(text).orElseThrow();
    }
}
