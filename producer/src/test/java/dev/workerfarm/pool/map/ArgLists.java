package dev.workerfarm.pool.map;

import java.util.Iterator;
import java.util.List;

/** The input of a map whose items are each the sole argument of a call. */
final class ArgLists {
    private ArgLists() {}

    static Iterator<List<?>> of(Iterator<?> items) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return items.hasNext();
            }

            @Override
            public List<?> next() {
                return List.of(items.next());
            }
        };
    }
}
