package dev.workerfarm.cli.calls;

import dev.workerfarm.pool.map.Incoming;
import java.util.List;
import java.util.function.Function;

/** The argument lists of so many items, or -1: unknown, made of texts as they come. Belongs to one thread. */
record Items(Incoming<String> texts, Function<String, List<?>> parse, long total) implements Incoming<List<?>> {
    @Override
    public boolean isReady() {
        return texts.isReady();
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
