package dev.workerfarm.pool;

import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The arguments of each call of a map; {@code total} is -1 where their number is unknown. */
record MapInput(Iterator<? extends List<?>> argLists, long total) {
    /** The arguments of each call, of which one may be the argument record of the task's type. */
    static MapInput of(Callee<?> callee, Iterable<? extends List<?>> argLists) {
        var lists = Objects.requireNonNull(argLists, "argLists").iterator();
        if (callee.argumentType() == null) {
            return new MapInput(lists, size(argLists)); // as it is: it may be an Incoming
        }
        return new MapInput(
                new ArgLists(
                        lists::hasNext, () -> callee.positional(lists.next().toArray())),
                size(argLists));
    }

    /** Items that are each the sole argument of a call, or the argument record of the task's type. */
    static MapInput each(Callee<?> callee, Iterable<?> items) {
        var each = Objects.requireNonNull(items, "items").iterator();
        return new MapInput(new ArgLists(each::hasNext, () -> callee.sole(each.next())), size(items));
    }

    private static long size(Iterable<?> items) {
        return items instanceof Collection<?> collection ? collection.size() : -1;
    }

    private record ArgLists(BooleanSupplier more, Supplier<List<? extends @Nullable Object>> lists)
            implements Iterator<List<?>> {
        @Override
        public boolean hasNext() {
            return more.getAsBoolean();
        }

        @Override
        public List<? extends @Nullable Object> next() {
            return lists.get();
        }
    }
}
