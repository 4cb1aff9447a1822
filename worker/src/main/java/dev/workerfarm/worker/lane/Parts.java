package dev.workerfarm.worker.lane;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Parts that were started one after the other, and are stopped in the opposite order. Belongs to one thread. */
final class Parts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Parts.class);

    /** Makes a part and starts it. */
    interface Start<T> {
        T start() throws InterruptedException;
    }

    private record Part(String name, Runnable stop) {}

    private final Deque<Part> started = new ArrayDeque<>();

    /** Starts a part; {@code stop} stops it. */
    <T> T start(String name, Start<T> start, Consumer<? super T> stop) throws InterruptedException {
        var since = System.nanoTime();
        var part = start.start();
        started.push(new Part(name, () -> stop.accept(part)));
        LOG.debug("started part={} elapsedMs={}", name, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since));
        return part;
    }

    /** Stops the parts, the last one first. */
    @Override
    public void close() {
        while (!started.isEmpty()) {
            var part = started.pop();
            try {
                part.stop().run();
            } catch (RuntimeException e) { // the others are stopped all the same
                LOG.error("cannot stop part={}", part.name(), e);
            }
        }
    }
}
