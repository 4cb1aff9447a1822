package dev.workerfarm.task;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;

/**
 * How often a task is run, how long it waits in between, and which failures are worth another attempt. Immutable.
 *
 * <pre>{@code
 * TaskType.of("fetch", Fetch.class, String.class).withRetry(RetryPolicy.of(5).only("IOException"));
 * }</pre>
 *
 * <p>The waits grow from {@code first} by {@code factor} up to {@code cap}, and each is shortened by a random share of at
 * most {@code jitter}, so that what failed together does not come back together. They lie in the broker, to the second.
 *
 * @param attempts runs in all, the first among them; 1 or more, and 1 is no retry
 * @param first the wait before the second run, from 0 to {@link #LONGEST_WAIT}
 * @param factor by which each wait is longer than the one before; 1 or more
 * @param cap no wait is longer, from 0 to {@link #LONGEST_WAIT}
 * @param jitter the largest share by which a wait is shortened, from 0 (none is) to 1
 * @param only names of exception classes, simple or full: only these and their subclasses are worth another attempt; none:
 *     all are
 * @param never the same, for those that are not, also where {@code only} names them
 */
public record RetryPolicy(
        int attempts, Duration first, double factor, Duration cap, double jitter, Set<String> only, Set<String> never) {
    public static final Duration LONGEST_WAIT = Duration.ofDays(366);
    /** Runs once: for a call of a type that has another policy. */
    public static final RetryPolicy NONE = of(1);

    /** @throws IllegalArgumentException if a number is out of its range */
    public RetryPolicy {
        if (attempts < 1) {
            throw new IllegalArgumentException("a task has 1 attempt or more, not " + attempts);
        }
        requireWait("first", first);
        requireWait("cap", cap);
        if (!(factor >= 1) || Double.isInfinite(factor)) {
            throw new IllegalArgumentException("factor is 1 or more, not " + factor);
        }
        if (!(jitter >= 0 && jitter <= 1)) {
            throw new IllegalArgumentException("jitter is a share from 0 to 1, not " + jitter);
        }
        only = Set.copyOf(only);
        never = Set.copyOf(never);
    }

    /** So many attempts at whatever fails: waits from 1 s, each twice the one before, up to 10 minutes, up to a fifth shorter. */
    public static RetryPolicy of(int attempts) {
        return new RetryPolicy(attempts, Duration.ofSeconds(1), 2, Duration.ofMinutes(10), 0.2, Set.of(), Set.of());
    }

    public RetryPolicy withAttempts(int attempts) {
        return new RetryPolicy(attempts, first, factor, cap, jitter, only, never);
    }

    public RetryPolicy withFirst(Duration first) {
        return new RetryPolicy(attempts, first, factor, cap, jitter, only, never);
    }

    public RetryPolicy withFactor(double factor) {
        return new RetryPolicy(attempts, first, factor, cap, jitter, only, never);
    }

    public RetryPolicy withCap(Duration cap) {
        return new RetryPolicy(attempts, first, factor, cap, jitter, only, never);
    }

    public RetryPolicy withJitter(double jitter) {
        return new RetryPolicy(attempts, first, factor, cap, jitter, only, never);
    }

    /** Only these exception classes and their subclasses, by simple or full names. */
    public RetryPolicy only(String... names) {
        return new RetryPolicy(attempts, first, factor, cap, jitter, Set.of(names), never);
    }

    /** Not these exception classes and their subclasses, by simple or full names. */
    public RetryPolicy never(String... names) {
        return new RetryPolicy(attempts, first, factor, cap, jitter, only, Set.of(names));
    }

    /** Whether a failure of this kind is worth another attempt, as long as there is one left. */
    public boolean covers(Throwable thrown) {
        return (only.isEmpty() || isNamed(thrown, only)) && !isNamed(thrown, never);
    }

    /**
     * How long to wait before another attempt.
     *
     * @param attempt attempts before the one that failed: 0 for the first
     * @param random from 0 (no jitter) to 1 (all of it)
     */
    public Duration waitAfter(int attempt, double random) {
        // In floating point: 2 to the 1000th power is far beyond any integer, and the cap comes before the jitter.
        var grown = first.isZero() ? 0 : (double) first.toMillis() * Math.pow(factor, attempt);
        return Duration.ofMillis((long) (Math.min(grown, (double) cap.toMillis()) * (1 - jitter * random)));
    }

    private static boolean isNamed(Throwable thrown, Set<String> names) {
        for (Class<?> type = thrown.getClass(); type != null; type = type.getSuperclass()) {
            if (names.contains(type.getSimpleName()) || names.contains(type.getName())) {
                return true;
            }
        }
        return false;
    }

    /** Checks a wait. Throws IllegalArgumentException with this name if it is not from 0 to {@link #LONGEST_WAIT}. */
    public static void requireWait(String name, Duration wait) {
        Objects.requireNonNull(wait, name);
        if (wait.isNegative() || wait.compareTo(LONGEST_WAIT) > 0) {
            throw new IllegalArgumentException(name + " is from 0 to " + LONGEST_WAIT.toDays() + " days, not " + wait);
        }
    }
}
