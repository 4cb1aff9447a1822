package dev.workerfarm.worker.delivery;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.workerfarm.worker.config.Lane;
import java.time.Duration;

/** How many messages a lane of one task at a time holds: many of microseconds, one or two long ones. Thread-safe. */
public final class PrefetchPolicy {
    /** While a task runs longer than this, waiting messages are given back. */
    public static final Duration LONG = Duration.ofMillis(100);

    private static final int ONE = 1;
    private static final int MANY = 128;
    private static final Duration SHORT = Duration.ofMillis(2);
    /** Between short and this a lane keeps what it has: a mean near one bound must not flap. */
    private static final Duration NOT_SHORT = Duration.ofMillis(20);

    /** The same between this and long. */
    private static final Duration NOT_LONG = Duration.ofMillis(60);

    private static final int RUNS_TO_TRUST = 8;
    private static final double WEIGHT_OF_NEWEST = 0.2;

    @GuardedBy("this")
    private double meanNanos;

    @GuardedBy("this")
    private int runs;

    @GuardedBy("this")
    private int current = Lane.FIRST_PREFETCH;

    /** Takes the run time of one delivery into account. */
    public synchronized void ran(long nanos) {
        var counted = Math.min(nanos, 2 * LONG.toNanos()); // an hour says no more than that, and is forgotten as soon
        meanNanos = runs == 0 ? counted : meanNanos + WEIGHT_OF_NEWEST * (counted - meanNanos);
        runs = Math.min(runs + 1, RUNS_TO_TRUST);
    }

    /** The prefetch that fits now, where the present task has run for so long; 0 if none does. */
    public synchronized int prefetch(long runningNanos) {
        if (Math.max(meanNanos, (double) runningNanos) >= LONG.toNanos()) {
            current = ONE;
        } else if (runs == RUNS_TO_TRUST && meanNanos < SHORT.toNanos()) {
            current = MANY;
        } else if (current == ONE ? meanNanos < NOT_LONG.toNanos() : meanNanos >= NOT_SHORT.toNanos()) {
            current = Lane.FIRST_PREFETCH;
        }
        return current;
    }
}
