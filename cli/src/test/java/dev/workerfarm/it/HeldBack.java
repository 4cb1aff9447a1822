package dev.workerfarm.it;

import static org.awaitility.Awaitility.await;

import java.util.Iterator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/**
 * The items of a map into which trouble comes: the last fifth is given only when the trouble is over, so the map cannot
 * have ended before it.
 */
final class HeldBack<T> implements Iterable<T> {
    private final int count;
    private final IntFunction<T> item;
    private final AtomicInteger given = new AtomicInteger();
    private final CountDownLatch over = new CountDownLatch(1);

    /** @param item by index */
    HeldBack(int count, IntFunction<T> item) {
        this.count = count;
        this.item = item;
    }

    @Override
    public Iterator<T> iterator() {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return given.get() < count;
            }

            @Override
            public T next() {
                if (given.get() == count - count / 5) {
                    waitUntilOver();
                }
                return item.apply(given.getAndIncrement());
            }
        };
    }

    /** The map is under way, and most of it still to come. */
    void awaitUnderWay() {
        await("a fifth of the items given").until(() -> given.get() >= count / 5);
    }

    void goOn() {
        over.countDown();
    }

    private void waitUntilOver() {
        try {
            over.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
