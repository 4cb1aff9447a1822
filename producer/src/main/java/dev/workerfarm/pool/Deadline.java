package dev.workerfarm.pool;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The latest moment that something is waited for. Immutable.
 *
 * @param nanoTime by {@link System#nanoTime}
 */
record Deadline(long nanoTime) {
    /** Half of what a long holds, 146 years: moments that far apart still compare by their difference. */
    private static final long LONGEST_NANOS = Long.MAX_VALUE / 2;

    /** So long from now; durations beyond all reason are shortened to 146 years. */
    static Deadline in(Duration duration) {
        return new Deadline(System.nanoTime() + nanos(duration));
    }

    /** One that never comes. */
    static Deadline never() {
        return new Deadline(System.nanoTime() + LONGEST_NANOS);
    }

    /** A duration in nanoseconds, shortened as by {@link #in}, where {@link Duration#toNanos} would overflow. */
    static long nanos(Duration duration) {
        return Math.max(-LONGEST_NANOS, Math.min(LONGEST_NANOS, TimeUnit.NANOSECONDS.convert(duration)));
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
