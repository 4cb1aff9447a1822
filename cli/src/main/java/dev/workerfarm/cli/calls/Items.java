package dev.workerfarm.cli.calls;

import dev.workerfarm.pool.map.Incoming;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;

/**
 * The argument lists of a list's items, made of texts as they come. Belongs to one thread.
 *
 * @param total how many, or -1: unknown
 */
record Items(Iterator<String> texts, Function<String, List<?>> parse, long total) implements Incoming<List<?>> {
    @Override
    public boolean isReady() {
        return !(texts instanceof Incoming<?> incoming) || incoming.isReady();
    }

    @Override
    public boolean hasNext() {
        return texts.hasNext();
    }

    @Override
    public List<?> next() {
        return parse.apply(texts.next());
    }
}
