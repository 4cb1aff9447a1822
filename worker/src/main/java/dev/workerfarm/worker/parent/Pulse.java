package dev.workerfarm.worker.parent;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.workerfarm.worker.link.Child;
import java.time.Duration;

/**
 * Whether a child still answers its parent. Time is counted in beats of the parent: a machine that was suspended, or a
 * parent that was stopped itself, misses one beat and not all of that time. A beat in which the child used CPU time does not
 * count either: such a child collects garbage, or has come to a slow machine. Threads may share it.
 */
final class Pulse {
    /** After so many missed beats nothing is expected of the child any more. */
    static final int LATE = 5;
    /** After so many missed beats the child is frozen. */
    static final int FROZEN = 30;

    @GuardedBy("this")
    private boolean hasAnswered;

    @GuardedBy("this")
    private boolean asked;

    @GuardedBy("this")
    private int missed;

    @GuardedBy("this")
    private Duration cpuTime = Duration.ZERO;

    /** Asks the child, or looks whether it has answered the last question; returns how many beats it has missed. */
    int beat(Child child) {
        synchronized (this) {
            if (asked) {
                return hasAnswered ? missed(child.cpuTime()) : 0; // its program may not have come to run(...) yet
            }
            asked = true;
        }
        child.askAlive(); // without the lock, as a child in this JVM answers on this thread
        return 0;
    }

    @GuardedBy("this")
    private int missed(Duration now) {
        missed = now.equals(cpuTime) ? missed + 1 : 0;
        cpuTime = now;
        return missed;
    }

    /** Takes the child's answer; returns whether it was late. */
    synchronized boolean answered() {
        var wasLate = missed >= LATE;
        hasAnswered = true;
        asked = false;
        missed = 0;
        return wasLate;
    }

    synchronized boolean isLate() {
        return missed >= LATE;
    }
}
