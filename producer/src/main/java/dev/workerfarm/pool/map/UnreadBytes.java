package dev.workerfarm.pool.map;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.workerfarm.json.Json;
import dev.workerfarm.json.JsonWeight;
import dev.workerfarm.wire.Outcome;
import java.util.List;

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

    /** What the outcomes take on the heap, roughly. */
    static long weigh(List<Outcome> outcomes) {
        var bytes = 0L;
        for (var outcome : outcomes) {
            bytes += outcome instanceof Outcome.Succeeded succeeded
                    ? JsonWeight.of(succeeded.value())
                    : JsonWeight.of(((Outcome.Failed) outcome).failure().text())
                            + JsonWeight.of(((Outcome.Failed) outcome).failure().stack());
        }
        return bytes;
    }

    /** @param workers each of these may have a message of the map before the weight of outcomes is known */
    OfMap ofMap(int workers) {
        return new OfMap(Math.min(Json.MAX_BYTES, most / Math.max(1, workers)));
    }

    /** What one map holds: outcomes that were not read, and those that its unanswered messages are expected to have. */
    final class OfMap {
        /** What a message's outcomes count as before any are here. */
        private final long unknown;

        @GuardedBy("UnreadBytes.this")
        private long own;

        /** 0: not known yet. */
        @GuardedBy("UnreadBytes.this")
        private double bytesPerItem;

        /** The bound holds no more, as somebody waits for the end of the input. */
        @GuardedBy("UnreadBytes.this")
        private boolean lifted;

        @GuardedBy("UnreadBytes.this")
        private boolean closed;

        private OfMap(long unknown) {
            this.unknown = unknown;
        }

        /** Waits until another message may be published. */
        void awaitRoom() throws InterruptedException {
            synchronized (UnreadBytes.this) {
                while (held >= most && own >= most / SHARES && !lifted) {
                    UnreadBytes.this.wait();
                }
            }
        }

        /** How many items a message may have, 1 or more, so that their outcomes are not too many for it. */
        int mostItems() {
            synchronized (UnreadBytes.this) {
                return bytesPerItem == 0 ? Integer.MAX_VALUE : (int) Math.max(1, MESSAGE_BYTES / bytesPerItem);
            }
        }

        /** A message of so many items is published: what its outcomes count as until they are here. */
        long expect(int items) {
            synchronized (UnreadBytes.this) {
                var expected = bytesPerItem == 0 ? unknown : (long) (items * bytesPerItem);
                add(expected);
                return expected;
            }
        }

        /** The outcomes of a message are here. */
        void answered(long expected, List<Outcome> outcomes) {
            var bytes = weigh(outcomes);
            var perItem = Math.max(1.0, (double) bytes / outcomes.size());
            synchronized (UnreadBytes.this) {
                bytesPerItem = Math.max(perItem, bytesPerItem + WEIGHT_OF_NEWEST * (perItem - bytesPerItem));
                add(bytes - expected);
            }
        }

        /** They were read, or will not come. */
        void release(long bytes) {
            synchronized (UnreadBytes.this) {
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
        private void add(long bytes) {
            if (!closed) {
                own += bytes;
                held += bytes;
                UnreadBytes.this.notifyAll();
            }
        }
    }
}
