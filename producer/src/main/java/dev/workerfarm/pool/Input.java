package dev.workerfarm.pool;

import dev.workerfarm.message.Arguments;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;

/**
 * What a map is over.
 *
 * @param argLists the arguments of each call
 * @param total how many there are, or -1: unknown
 */
record Input(Iterator<? extends List<?>> argLists, long total) {
    /** Argument lists as they are. */
    static Input of(Iterable<? extends List<?>> argLists) {
        return new Input(argLists.iterator(), size(argLists));
    }

    /** Items that are each the sole argument of a call, or an argument record. */
    static Input each(Iterable<?> items) {
        return new Input(eachOf(items.iterator()), size(items));
    }

    /** As {@link #each(Iterable)}, of a number that nobody knows. */
    static Input each(Iterator<?> items) {
        return new Input(eachOf(items), -1);
    }

    private static Iterator<List<?>> eachOf(Iterator<?> items) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return items.hasNext();
            }

            @Override
            public List<?> next() {
                return Arguments.positional(items.next());
            }
        };
    }

    private static long size(Iterable<?> items) {
        return items instanceof Collection<?> collection ? collection.size() : -1;
    }
}
