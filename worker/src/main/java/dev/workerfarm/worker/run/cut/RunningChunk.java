package dev.workerfarm.worker.run.cut;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.workerfarm.error.FarmException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The items of a chunk's message while it runs. One thread begins them one after the other; another may cut: the items behind the
 * cut go into a message of their own, and are not begun here. A cut counts once the broker has that message, else the items stay.
 * Threads may share it.
 */
public final class RunningChunk {
    private static final Logger LOG = LoggerFactory.getLogger(RunningChunk.class);
    /** A broker that takes no messages must not keep the items behind the cut from being run here. */
    private static final Duration LONGEST_CUT = Duration.ofSeconds(1);

    /** Publishes the items from {@code from} up to {@code middle}, and up to {@code to}; completes when the broker has them. */
    public interface Tail {
        CompletableFuture<Void> publish(int from, int middle, int to);
    }

    private final String queue;
    private final Tail tail;
    private final long since = System.nanoTime();

    @GuardedBy("this")
    private int next;

    /** When the last item was begun, by System.nanoTime. */
    @GuardedBy("this")
    private long begun = since;

    @GuardedBy("this")
    private int end;

    /** A cut is under way: {@link #end} may grow again. */
    @GuardedBy("this")
    private boolean cutting;

    @GuardedBy("this")
    private boolean closed;

    public RunningChunk(int from, int to, String queue, Tail tail) {
        this.next = from;
        this.end = to;
        this.queue = queue;
        this.tail = tail;
    }

    String queue() {
        return queue;
    }

    boolean hasRunFor(Duration time) {
        return System.nanoTime() - since >= time.toNanos();
    }

    @GuardedBy("this")
    private boolean hasItemRunFor(Duration time) {
        return System.nanoTime() - begun >= time.toNanos();
    }

    /** As {@link #next(long)}, at this time. */
    public int next() {
        return next(System.nanoTime());
    }

    /**
     * Begins the next item: its place, or -1: no item is left. Waits for a cut that may give items back.
     *
     * @param now by System.nanoTime, or a little before
     */
    public synchronized int next(long now) {
        while (next == end && cutting) {
            awaitCut();
        }
        closed |= next == end;
        begun = now;
        return closed ? -1 : next++;
    }

    /** Ends the cutting: the place behind the last item that is not elsewhere. */
    public synchronized int close() {
        closed = true;
        while (cutting) {
            awaitCut();
        }
        return end;
    }

    /**
     * Cuts off half of the items that have not begun, or the only one. Behind an item that runs for so long itself all are cut
     * off, in two halves. Does not wait for the broker.
     */
    void cut(Duration longRun) {
        int half;
        int place;
        synchronized (this) {
            half = next + (end - next) / 2;
            place = hasItemRunFor(longRun) ? next : half;
        }
        cutAt(place, half);
    }

    /** Cuts at a place, and at one behind it if that is behind it, where no item behind the first has begun. */
    public void cutAt(int place, int second) {
        int to;
        synchronized (this) {
            if (cutting || closed || place < next || place >= end) {
                return;
            }
            cutting = true;
            to = end;
            end = place;
        }
        try {
            tail.publish(place, second > place ? second : to, to)
                    .orTimeout(LONGEST_CUT.toMillis(), TimeUnit.MILLISECONDS)
                    .whenComplete((taken, refused) -> decided(refused == null ? place : to));
        } catch (FarmException e) {
            LOG.debug("a chunk is not cut queue={} reason={}", queue, e.getMessage());
            decided(to);
        } catch (Throwable fault) {
            decided(to);
            throw fault;
        }
    }

    private synchronized void decided(int place) {
        end = place;
        cutting = false;
        notifyAll();
    }

    @GuardedBy("this")
    private void awaitCut() {
        var interrupted = false;
        while (cutting) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true; // a cut is decided soon, whatever happens
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
