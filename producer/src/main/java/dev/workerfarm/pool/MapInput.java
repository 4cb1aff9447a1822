package dev.workerfarm.pool;

import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The arguments of each call of a map; {@code total} is -1 where their number is unknown. */
record MapInput(Iterator<? extends List<?>> argLists, long total) {
    static MapInput of(Iterable<? extends List<?>> argLists) {
        return new MapInput(argLists.iterator(), size(argLists));
    }

    /** Items that are each the sole argument of a call, or the argument record of the task's type. */
    static MapInput each(Callee<?> callee, Iterable<?> items) {
        return new MapInput(new ArgLists(callee, items.iterator()), size(items));
    }

    private static long size(Iterable<?> items) {
        return items instanceof Collection<?> collection ? collection.size() : -1;
    }

    private record ArgLists(Callee<?> callee, Iterator<?> items) implements Iterator<List<?>> {
        @Override
        public boolean hasNext() {
            return items.hasNext();
        }

        @Override
        public List<? extends @Nullable Object> next() {
            var args = callee.arguments(items.next());
            if (!args.kwargs().isEmpty()) {
                throw new IllegalArgumentException("an item of a map of " + callee.task() + " has keyword arguments");
            }
            return args.positional();
        }
    }
}
