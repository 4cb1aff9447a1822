package dev.workerfarm.loop;

import java.time.Duration;

/** The pauses between attempts that fail: each is twice the one before, up to a longest. Belongs to one thread. */
public final class Backoff {
    private final Duration first;
    private final Duration longest;
    private Duration next;

    /** Pauses from {@code first}, above zero, to {@code longest}. */
    public Backoff(Duration first, Duration longest) {
        if (first.isZero() || first.isNegative() || first.compareTo(longest) > 0) {
            throw new IllegalArgumentException("backoff from " + first + " to " + longest);
        }
        this.first = first;
        this.longest = longest;
        this.next = first;
    }

    public Duration next() {
        var pause = next;
        var doubled = pause.multipliedBy(2);
        next = doubled.compareTo(longest) > 0 ? longest : doubled;
        return pause;
    }

    /** After a success: the next failure starts again with the first pause. */
    public void reset() {
        next = first;
    }
}
