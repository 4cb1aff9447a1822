package dev.workerfarm.pool.map;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.workerfarm.json.Json;
import dev.workerfarm.json.JsonWeight;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.PackedList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the memory of the outcomes that a pool's maps hold for their readers: a quarter of the heap. Beyond that a map takes no
 * more of its input until outcomes are read. Only threads that take input wait, those that receive replies never do. Threads
 * may share it.
 */
public final class UnreadBytes {
    /** A map sizes no message for outcomes of more, as far as it knows their weight. */
    private static final int MESSAGE_BYTES = 4 * 1024 * 1024;
    /** A map has a share of the bound whatever others hold, as the reader of one map may wait for another. */
    private static final int SHARES = 16;

    private static final double WEIGHT_OF_NEWEST = 0.3;

    private final long most;

    @GuardedBy("this")
    private long held;

    UnreadBytes(long most) {
        this.most = most;
    }

    public static UnreadBytes ofQuarterHeap() {
        return new UnreadBytes(Runtime.getRuntime().maxMemory() / 4);
    }

    /** Estimates the bytes of heap that these outcomes take. */
    static long weigh(List<Outcome> outcomes) {
        if (outcomes instanceof PackedList<?> packed && packed.isOfNumbers()) {
            return (long) packed.size() * Long.BYTES;
        }
        var bytes = 0L;
        for (var outcome : outcomes) {
            bytes += outcome instanceof Outcome.Succeeded succeeded
                    ? JsonWeight.of(succeeded.value())
                    : JsonWeight.of(((Outcome.Failed) outcome).failure().text())
                            + JsonWeight.of(((Outcome.Failed) outcome).failure().stack());
        }
        return bytes;
    }

    OfMap ofMap(MapPlan plan, ChunkSizer sizer) {
        return new OfMap(plan, sizer);
    }

    /**
     * How far one map is ahead of its reader. Bounded are the messages that are not answered; those that are not read, unless they
     * have fewer items than so many messages of the present size, as a slow item must not keep the workers idle; and the bytes of
     * outcomes that were not read, with those that unanswered messages are expected to have.
     */
    final class OfMap {
        private static final int LEAST_WINDOW = 64;
        private static final int WINDOW_PER_WORKER = 4;

        private final int window;
        private final boolean isGiven;
        private final boolean lazy;
        private final ChunkSizer sizer;
        /** The bytes that a message's outcomes are taken for while none is known, as each worker may have a message by then. */
        private final long unknown;

        @GuardedBy("UnreadBytes.this")
        private long unanswered;

        @GuardedBy("UnreadBytes.this")
        private long messages;

        @GuardedBy("UnreadBytes.this")
        private long items;

        @GuardedBy("UnreadBytes.this")
        private long own;

        /** 0: not known yet. */
        @GuardedBy("UnreadBytes.this")
        private double bytesPerItem;

        /** The bounds hold no more, as somebody waits for the end of the input. */
        @GuardedBy("UnreadBytes.this")
        private boolean lifted;

        @GuardedBy("UnreadBytes.this")
        private boolean closed;

        private OfMap(MapPlan plan, ChunkSizer sizer) {
            this.isGiven = plan.window() > 0;
            this.window = isGiven ? plan.window() : Math.max(LEAST_WINDOW, WINDOW_PER_WORKER * plan.workers());
            this.lazy = plan.lazy();
            this.sizer = sizer;
            this.unknown = Math.min(Json.MAX_BYTES, most / Math.max(1, plan.workers()));
        }

        /** Waits until another message may be published. */
        void awaitRoom() throws InterruptedException {
            synchronized (UnreadBytes.this) {
                while (!lifted && (isWindowFull() || (held >= most && own >= most / SHARES))) {
                    UnreadBytes.this.wait();
                }
            }
        }

        @GuardedBy("UnreadBytes.this")
        private boolean isWindowFull() {
            return unanswered >= window || (messages >= window && (isGiven || items >= (long) window * sizer.next(-1)));
        }

        /** How many items a message may have, 1 or more, so that their outcomes are not too many for it. */
        int mostItems() {
            synchronized (UnreadBytes.this) {
                return bytesPerItem == 0 ? Integer.MAX_VALUE : (int) Math.max(1, MESSAGE_BYTES / bytesPerItem);
            }
        }

        /** A message of so many items is published: what its outcomes count as until they are here. */
        long published(int count) {
            synchronized (UnreadBytes.this) {
                unanswered++;
                messages++;
                items += count;
                var expected = bytesPerItem == 0 ? unknown : (long) (count * bytesPerItem);
                add(expected);
                return expected;
            }
        }

        /** The outcomes of a message of so many items are here; null: they will not come. */
        void ended(int count, long expected, @Nullable List<Outcome> outcomes) {
            var bytes = outcomes == null ? 0 : weigh(outcomes);
            synchronized (UnreadBytes.this) {
                if (outcomes != null) {
                    var perItem = Math.max(1.0, (double) bytes / count);
                    bytesPerItem = Math.max(perItem, bytesPerItem + WEIGHT_OF_NEWEST * (perItem - bytesPerItem));
                }
                unanswered--;
                if (!lazy) {
                    leave(count);
                }
                add(bytes - expected);
            }
        }

        /** The outcomes of a message of so many items were read. */
        void read(int count, List<Outcome> outcomes) {
            var bytes = weigh(outcomes);
            synchronized (UnreadBytes.this) {
                if (lazy) {
                    leave(count);
                }
                add(-bytes);
            }
        }

        /** From now on the map takes its input without regard to what is held. */
        void lift() {
            synchronized (UnreadBytes.this) {
                lifted = true;
                UnreadBytes.this.notifyAll();
            }
        }

        /** The map is closed: nobody reads what it holds. */
        void close() {
            synchronized (UnreadBytes.this) {
                add(-own);
                closed = true;
            }
        }

        @GuardedBy("UnreadBytes.this")
        private void leave(int count) {
            messages--;
            items -= count;
        }

        @GuardedBy("UnreadBytes.this")
        private void add(long bytes) {
            if (!closed) {
                own += bytes;
                held += bytes;
                UnreadBytes.this.notifyAll();
            }
        }
    }
}
