package dev.workerfarm.worker.executor;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.workerfarm.worker.delivery.Delivery;
import dev.workerfarm.worker.delivery.Settler;
import dev.workerfarm.worker.run.MapRunner.Suspended;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.concurrent.BlockingQueue;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The deliveries that wait for Redis, off the threads that run tasks. Once Redis is back, those with outcomes go on here, and
 * old ones; the others go back to their queue, so that idle workers may have them. Threads may share it.
 */
public final class Parked {
    /** With so many slots for what waits the process takes no more. */
    private static final int MOST_SLOTS = 256;

    private static final long MOST_BYTES = 64L * 1024 * 1024;

    private final BlockingQueue<Delivery> inbox;
    private final Settler settler;
    private final BooleanSupplier redisIsAway;
    private final Duration young;

    @GuardedBy("this")
    private final IdentityHashMap<Delivery, Suspended> waiting = new IdentityHashMap<>();

    /** In the inbox again. */
    @GuardedBy("this")
    private final IdentityHashMap<Delivery, Suspended> resumed = new IdentityHashMap<>();

    @GuardedBy("this")
    private int slots;

    @GuardedBy("this")
    private boolean stopping;

    /** @param young a delivery that is older may have been handed over to a copy, and does not go back to its queue */
    public Parked(BlockingQueue<Delivery> inbox, Settler settler, BooleanSupplier redisIsAway, Duration young) {
        this.young = young;
        this.inbox = inbox;
        this.settler = settler;
        this.redisIsAway = redisIsAway;
    }

    /** Sets a delivery aside. */
    synchronized void add(Delivery delivery, Suspended run) {
        waiting.put(delivery, run);
        if (stopping) {
            giveBack();
        }
        if (!redisIsAway.getAsBoolean()) { // back between the run's question and now
            release();
        }
    }

    /** What an earlier run of the delivery has come to, once; null: it was not set aside. */
    synchronized @Nullable Suspended take(Delivery delivery) {
        return resumed.remove(delivery);
    }

    /** Redis is back. */
    public synchronized void release() {
        giveBack();
        resumed.putAll(waiting);
        inbox.addAll(waiting.keySet());
        waiting.clear();
        slots = 0;
    }

    /** The process stops: what may go back to its queue does, now and later. */
    public synchronized void stop() {
        stopping = true;
        giveBack();
    }

    /** The connection is lost: the broker has all of it again. What holds outcomes commits them all the same. */
    public synchronized void lost() {
        waiting.values().removeIf(run -> !run.holdsOutcomes());
        resumed.clear(); // as the inbox
    }

    public synchronized int count() {
        return waiting.size();
    }

    /** How many of them hold an outcome that is not committed yet. */
    public synchronized long ended() {
        return waiting.values().stream().filter(Suspended::holdsOutcomes).count();
    }

    /** A prefetch that leaves room for other messages beside what waits, until too much waits; 0 if nothing does. */
    public synchronized int prefetch() {
        var bytes = waiting.keySet().stream().mapToLong(delivery -> delivery.body().length);
        if (bytes.sum() < MOST_BYTES) {
            slots = Math.max(slots, Math.min(MOST_SLOTS, 2 * Integer.highestOneBit(waiting.size())));
        }
        return slots;
    }

    @GuardedBy("this")
    private void giveBack() {
        waiting.entrySet().removeIf(entry -> {
            var delivery = entry.getKey();
            var goes =
                    !entry.getValue().holdsOutcomes() && delivery.subscription().holds(delivery.tag(), young);
            if (goes) {
                settler.giveBack(delivery);
            }
            return goes;
        });
    }
}
