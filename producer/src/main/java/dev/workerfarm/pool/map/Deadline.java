package dev.workerfarm.pool.map;

import dev.workerfarm.config.Durations;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * The latest moment that something is waited for. Immutable.
 *
 * @param nanoTime by {@link System#nanoTime}
 */
record Deadline(long nanoTime) {
    /** So long from now; durations beyond all reason are shortened, as by {@link Durations#nanos}. */
    static Deadline in(Duration duration) {
        return new Deadline(System.nanoTime() + Durations.nanos(duration));
    }

    /** One that never comes. */
    static Deadline never() {
        return in(ChronoUnit.FOREVER.getDuration());
    }

    boolean isOver() {
        return nanoTime - System.nanoTime() <= 0;
    }

    /** The nanoseconds that are left, 0 if it is over. */
    long nanosLeft() {
        return Math.max(0, nanoTime - System.nanoTime());
    }

    Deadline earlier(Deadline other) {
        return nanoTime - other.nanoTime <= 0 ? this : other;
    }
}
