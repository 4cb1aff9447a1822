package dev.workerfarm.pool;

import dev.workerfarm.wire.Arguments;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;

/** The arguments of each call of a map; {@code total} is -1 where their number is unknown. */
public record MapInput(Iterator<? extends List<?>> argLists, long total) {
    /** Argument lists as they are. */
    static MapInput of(Iterable<? extends List<?>> argLists) {
        return new MapInput(argLists.iterator(), size(argLists));
    }

    /** Items that are each the sole argument of a call, or an argument record. */
    public static MapInput each(Iterable<?> items) {
        return new MapInput(eachOf(items.iterator()), size(items));
    }

    /** As {@link #each(Iterable)}, of a number that nobody knows. */
    public static MapInput each(Iterator<?> items) {
        return new MapInput(eachOf(items), -1);
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
