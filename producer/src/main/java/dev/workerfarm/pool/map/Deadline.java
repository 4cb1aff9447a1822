package dev.workerfarm.pool.map;

import dev.workerfarm.config.Durations;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/** The latest moment, by {@link System#nanoTime}, that something is waited for. */
record Deadline(long nanoTime) {
    /** So long from now. Very long durations are shortened, as by {@link Durations#nanos}. */
    static Deadline in(Duration duration) {
        return new Deadline(System.nanoTime() + Durations.nanos(duration));
    }

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
