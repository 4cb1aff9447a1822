package dev.workerfarm.pool.map;

import dev.workerfarm.error.CallInterruptedException;
import dev.workerfarm.error.EncodeException;
import dev.workerfarm.loop.Loop;
import dev.workerfarm.pool.transport.Dispatcher;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Headers;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.context.TraceContext;
import dev.workerfarm.wire.task.CallHeaders;
import dev.workerfarm.wire.task.ChunkBuilder;
import dev.workerfarm.wire.task.MapChunk;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A map's own thread: takes the input, cuts it into chunks and publishes them, no further ahead of the reader than {@link UnreadBytes}
 * says. So an endless input needs no more memory than that.
 *
 * <p>Whatever the input throws, or an interrupt after {@link #stop}, ends the feeder, and the map's reader gets it. Any other
 * interrupt is ignored. A fault of the feeder itself is reported to {@link Out#died}.
 */
final class ChunkFeeder {
    private static final Logger LOG = LoggerFactory.getLogger(ChunkFeeder.class);
    private static final int MAX_CHUNK_BYTES = 256 * 1024;
    /** How long a chunk waits for items. An input that is no {@link Incoming} may hold it up for longer. */
    private static final Duration LONGEST_FILL = Duration.ofMillis(50);

    /** A published part of a map's input: {@code count} items, at least 1, from {@code start} on. */
    record Chunk(long start, int count, CompletableFuture<List<Outcome>> outcomes) {}

    /** Where chunks go. Called on the feeder's thread. */
    interface Out extends Dispatcher.DeathListener {
        /** Publishes a chunk of so many items under its id: their outcomes, in order. */
        CompletableFuture<List<Outcome>> publish(String id, int count, EncodedMessage message);

        void fed(Chunk chunk);

        /** No more chunks come. The failure is the input's own or the broker's, or null at the input's end. */
        void ended(long chunks, @Nullable Throwable failure);
    }

    private final MapPlan plan;
    private final Iterator<? extends List<?>> input;
    private final ChunkSizer sizer;
    private final UnreadBytes.OfMap unread;
    private final Out out;
    private final Thread thread;
    private final @Nullable TraceContext trace = TraceContext.current(); // of the thread that called the pool
    private final Map<String, Object> headers;
    private long chunks;
    private volatile boolean stopped;

    ChunkFeeder(MapPlan plan, Iterator<? extends List<?>> input, ChunkSizer sizer, UnreadBytes.OfMap unread, Out out) {
        this.plan = plan;
        this.input = input;
        this.sizer = sizer;
        this.unread = unread;
        this.out = out;
        this.headers = CallHeaders.of(plan.due(), plan.expires(), plan.retry(), plan.timeLimits());
        headers.put(Headers.CUT, plan.chunkSize() == 0); // the caller's own size stays what it is
        var name = "workerfarm-map-" + plan.mapId();
        this.thread = Loop.daemon(name, Loop.job(name, this::feed, fault -> out.died(name, fault)));
    }

    void start() {
        thread.start();
    }

    /** Takes no more of the input, as soon as the input lets go of the thread. */
    void stop() {
        stopped = true;
        thread.interrupt();
    }

    private void feed() {
        if (trace != null) {
            trace.enter();
        }
        @Nullable Throwable failure = null;
        try {
            long index = 0;
            while (input.hasNext()) {
                index = feedChunk(index);
            }
        } catch (Throwable e) { // the input's Errors too: the reader of the outcomes waits for them, and throws them
            failure = e;
        }
        out.ended(chunks, failure);
    }

    /** Feeds a chunk that begins with item {@code start}; the index of the item behind it. */
    private long feedChunk(long start) throws InterruptedException {
        awaitRoom();
        var chunk = new ChunkBuilder(plan.task(), plan.mapId(), start, !plan.asJson());
        @Nullable EncodeException unfit;
        try {
            unfit = fill(chunk, plan.total() < 0 ? -1 : plan.total() - start);
        } finally { // where the input failed, the items before have still been taken
            publish(chunk, start);
        }
        if (unfit == null) {
            return start + chunk.count();
        }
        // An item that cannot travel fails alone, in its place.
        var failure = Failure.builtin("ValueError", String.valueOf(unfit.getMessage()));
        awaitRoom();
        fed(new Chunk(
                start + chunk.count(), 1, CompletableFuture.completedFuture(List.of(new Outcome.Failed(failure)))));
        return start + chunk.count() + 1;
    }

    private void awaitRoom() throws InterruptedException {
        while (true) {
            try {
                unread.awaitRoom();
                return;
            } catch (InterruptedException e) {
                throwIfStopped(e);
            }
        }
    }

    /** A stray interrupt, as a task's or a caller's helper thread may cause, must not end a map. */
    private void throwIfStopped(InterruptedException e) throws InterruptedException {
        if (stopped) {
            throw e;
        }
        LOG.debug("stray interrupt ignored loop={}", thread.getName());
    }

    /** Takes items into a chunk. Returns why the last one cannot travel, or null. {@code remaining} may be -1. */
    private @Nullable EncodeException fill(ChunkBuilder chunk, long remaining) throws InterruptedException {
        var size = Math.min(MapChunk.MAX_ITEMS, sizer.next(remaining));
        if (plan.chunkSize() == 0) {
            size = Math.min(size, unread.mostItems());
        }
        var fill = new Fill();
        do {
            try {
                chunk.add(input.next());
            } catch (EncodeException e) {
                return e;
            }
        } while (chunk.count() < size && chunk.sizeBytes() < MAX_CHUNK_BYTES && fill.goesOn() && comes(fill));
        return null;
    }

    /** Publishes a chunk, unless it is empty. */
    private void publish(ChunkBuilder chunk, long start) {
        if (chunk.count() == 0) {
            return;
        }
        var id = plan.mapId() + "." + start;
        var message = chunk.build(id, plan.replyQueue(), headers);
        fed(new Chunk(start, chunk.count(), publish(id, chunk.count(), message)));
    }

    private CompletableFuture<List<Outcome>> publish(String id, int count, EncodedMessage message) {
        while (true) {
            try {
                return out.publish(id, count, message);
            } catch (CallInterruptedException e) {
                if (stopped || !Dispatcher.isStrayInterrupt(e)) {
                    throw e;
                }
            }
        }
    }

    private void fed(Chunk chunk) {
        chunks++;
        out.fed(chunk);
    }

    /** How long a chunk has been filled. To read the clock takes longer than to take an item, so for quick ones it is not read each time. */
    private static final class Fill {
        private static final int QUICK = 64;
        private static final long QUICK_NANOS = 100_000;

        private final long began = System.nanoTime();
        private long looked = began;
        private int unlooked;

        boolean goesOn() {
            return --unlooked > 0 || look();
        }

        private boolean look() {
            var now = System.nanoTime();
            unlooked = now - looked < QUICK_NANOS ? QUICK : 0;
            looked = now;
            return now - began < LONGEST_FILL.toNanos();
        }
    }

    /** Whether there is a next item for a chunk; false too if none came in time. */
    private boolean comes(Fill fill) throws InterruptedException {
        if (input instanceof Incoming<?> incoming) {
            while (!incoming.isReady()) {
                if (!fill.look()) {
                    return false;
                }
                try {
                    Thread.sleep(1);
                } catch (InterruptedException e) {
                    throwIfStopped(e);
                }
            }
        }
        return input.hasNext();
    }
}
