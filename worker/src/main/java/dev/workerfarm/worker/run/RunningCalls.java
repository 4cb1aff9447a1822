package dev.workerfarm.worker.run;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TimeLimits;
import dev.workerfarm.worker.run.Activity.TaskCounts;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one message while they run, one after the other, on one thread. Other threads list the present call, revoke it or time
 * it out. Most calls are never asked about: so that a short one costs no lock and no entry anywhere, its {@link Gate} is made when
 * somebody asks for it.
 */
final class RunningCalls implements Supplier<String> {
    private static final int NONE = -1;
    private static final int SHORT_NANOS = 5_000;
    private static final int CALLS_TO_TRUST = 16;

    private final String name;
    private final @Nullable Task<?, ?> task;
    private final CarriedCalls carried;
    private final int attempt;
    private final TimeLimits limits;
    private final TaskCounts counts;
    private final Thread thread = Thread.currentThread();

    /** When the present call began, by System.nanoTime. Written before {@link #place}, and read behind it. */
    private long since;

    /** So many calls before were short, without a longer one among them. */
    private int shortCalls;

    private volatile int place = NONE;
    /** That of the present call, once somebody has asked for it. */
    private volatile @Nullable Gate gate;

    /** @param task null: there is none of this name */
    RunningCalls(
            String name,
            @Nullable Task<?, ?> task,
            CarriedCalls carried,
            int attempt,
            TimeLimits limits,
            TaskCounts counts) {
        this.name = name;
        this.task = task;
        this.carried = carried;
        this.attempt = attempt;
        this.limits = limits;
        this.counts = counts;
    }

    String name() {
        return name;
    }

    @Nullable
    Task<?, ?> task() {
        return task;
    }

    CarriedCalls carried() {
        return carried;
    }

    int attempt() {
        return attempt;
    }

    TimeLimits limits() {
        return limits;
    }

    TaskCounts counts() {
        return counts;
    }

    /** This thread begins a call. */
    void begin(int newPlace) {
        since = System.nanoTime();
        place = newPlace;
    }

    /** The call has ended, and nobody can stop it any more: its gate, or null where nobody has asked for one. */
    @Nullable
    Gate end() {
        place = NONE;
        return gate == null
                ? null
                : close(); // whoever asks from now on sees that no call runs, and takes its gate back
    }

    private synchronized @Nullable Gate close() {
        var asked = gate;
        gate = null;
        if (asked != null) {
            asked.commit();
        }
        return asked;
    }

    /** The gate of the present call, where somebody has asked for one. */
    @Nullable
    Gate asked() {
        return gate;
    }

    /** As {@link #asked()}, of the call at a place if that is the present one. */
    @Nullable
    Gate asked(int ofPlace) {
        var asked = gate;
        return place == ofPlace ? asked : null;
    }

    /** The gate of the present call, by any thread; null: none runs at this moment. */
    synchronized @Nullable Gate gate() {
        var now = place;
        if (now == NONE) {
            return null;
        }
        if (gate == null) {
            var made = new Gate(carried.id(now), thread);
            gate = made;
            if (place != now) { // the call has ended, and may not have seen this gate
                gate = null;
                made.commit();
            }
        }
        return gate;
    }

    /** The present call, by any thread; null: none runs at this moment. */
    Activity.@Nullable Run present() {
        var now = place;
        return now == NONE ? null : new Activity.Run(carried.id(now), name, since);
    }

    /** How long the call that has just ended took, in nanoseconds. To be called once, after {@link #end}. */
    long took() {
        var nanos = System.nanoTime() - since;
        shortCalls = nanos < SHORT_NANOS ? shortCalls + 1 : 0;
        return nanos;
    }

    /** Whether the calls before were so short that a text for each is much beside them. */
    boolean areShort() {
        return shortCalls >= CALLS_TO_TRUST;
    }

    /** The id of the present call, on its own thread. */
    @Override
    public String get() {
        return carried.id(Math.max(0, place));
    }
}
