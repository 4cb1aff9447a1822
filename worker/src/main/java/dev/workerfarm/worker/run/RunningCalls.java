package dev.workerfarm.worker.run;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TimeLimits;
import dev.workerfarm.worker.run.Activity.TaskCounts;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one message while they run, one after the other, on one thread. Other threads list the present call, revoke it or time
 * it out. Most calls are never asked about: so that a short one costs no lock and no entry anywhere, its {@link Gate} is made when
 * somebody asks for it. Short calls that succeed are timed and counted several at a time, as to read the clock takes longer than some.
 */
final class RunningCalls implements Supplier<String> {
    private static final int NONE = -1;
    /** So many calls are timed together: as short as they are, all are within the first bucket of a histogram. */
    private static final int TOGETHER = 16;

    private static final int SHORT_NANOS = 5_000;

    private final String name;
    private final @Nullable Task<?, ?> task;
    private final CarriedCalls carried;
    private final int attempt;
    private final TimeLimits limits;
    private final TaskCounts counts;
    private final Thread thread = Thread.currentThread();

    /** When the first call that is not counted began, by System.nanoTime. Written before {@link #place}, and read behind it. */
    private long since;

    private int uncounted;
    /** So many calls before were short, without a longer one among them. */
    private int shortCalls;

    private boolean isNamedLate;
    /** The place of the present call, or of the last one. For this thread. */
    private int last;

    private int seenRevocations;
    private boolean mayBeRevoked;
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
        if (uncounted == 0) {
            since = System.nanoTime();
        }
        last = newPlace;
        place = newPlace;
    }

    /** The time by System.nanoTime, or that at which one of the last short calls began. */
    long now() {
        return uncounted == 0 ? System.nanoTime() : since;
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

    /** Whether the call that has just succeeded is to be counted with those that follow. */
    boolean isCountedLater() {
        if (areShort() && uncounted < TOGETHER - 1) {
            uncounted++;
            return true;
        }
        return false;
    }

    /** How many calls that succeeded are not counted. */
    int uncounted() {
        return uncounted;
    }

    /** The calls are counted from here on: how long they took together, in nanoseconds. */
    long counted() {
        var nanos = System.nanoTime() - since;
        shortCalls = nanos < (uncounted + 1L) * SHORT_NANOS ? shortCalls + uncounted + 1 : 0;
        isNamedLate &= shortCalls > 0;
        uncounted = 0;
        return nanos;
    }

    /** Whether the calls before were so short that a text for each, or a look at the clock, is much beside them. */
    boolean areShort() {
        return shortCalls >= TOGETHER;
    }

    /** Whether a line that is logged asks for the id of its call. */
    boolean isNamedLate() {
        return isNamedLate;
    }

    void nameLate() {
        isNamedLate = true;
    }

    /**
     * Whether some of the calls may be revoked. Looks once, and again where something was revoked since. On the calls' own thread.
     *
     * @param revocations how often something was revoked in this process
     */
    boolean mayBeRevoked(int revocations, Predicate<CarriedCalls> look) {
        if (seenRevocations != revocations) {
            seenRevocations = revocations;
            mayBeRevoked = look.test(carried);
        }
        return mayBeRevoked;
    }

    /** The id of the present call, or of the last one, on its own thread. */
    @Override
    public String get() {
        return carried.id(last);
    }
}
