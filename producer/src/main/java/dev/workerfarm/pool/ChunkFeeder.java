package dev.workerfarm.pool;

import dev.workerfarm.error.EncodeException;
import dev.workerfarm.message.CallHeaders;
import dev.workerfarm.message.EncodedMessage;
import dev.workerfarm.message.Failure;
import dev.workerfarm.message.MapChunk;
import dev.workerfarm.message.MapChunkBuilder;
import dev.workerfarm.message.Outcome;
import dev.workerfarm.message.TraceContext;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A map's own thread: takes the input, cuts it into chunks and publishes them, no more at a time than the window lets. So
 * an endless input needs no more memory than the window.
 */
final class ChunkFeeder {
    private static final int MAX_CHUNK_BYTES = 256 * 1024;
    /** A chunk that waits for more items goes as it is after this long; where the input is no Incoming, when the next one comes. */
    private static final Duration LONGEST_FILL = Duration.ofMillis(50);

    /** Where chunks go. Called on the feeder's thread. */
    interface Out {
        /** Publishes a chunk's message. */
        CompletableFuture<Outcome> publish(String id, EncodedMessage message);

        /** A chunk is on its way. */
        void fed(Chunk chunk);

        /**
         * No more chunks come.
         *
         * @param chunks how many were fed
         * @param failure the input's own or the broker's, or null: the input is at its end
         */
        void ended(long chunks, @Nullable Throwable failure);
    }

    private final MapPlan plan;
    private final Iterator<? extends List<?>> input;
    private final ChunkSizer sizer;
    private final Semaphore window;
    private final Out out;
    private final Thread thread;
    private final @Nullable TraceContext trace = TraceContext.current(); // of the thread that called the pool
    private final Map<String, Object> headers;
    private long chunks;

    ChunkFeeder(MapPlan plan, Iterator<? extends List<?>> input, ChunkSizer sizer, Semaphore window, Out out) {
        this.plan = plan;
        this.input = input;
        this.sizer = sizer;
        this.window = window;
        this.out = out;
        this.headers = CallHeaders.of(
                null, null, plan.options().retry(), plan.options().timeLimits());
        this.thread = new Thread(this::feed, "workerfarm-map-" + plan.mapId());
        this.thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Takes no more of the input, as soon as the input lets go of the thread. */
    void stop() {
        thread.interrupt();
    }

    private void feed() {
        if (trace != null) {
            trace.enter();
        }
        try {
            long index = 0;
            while (input.hasNext()) {
                index = feedChunk(index);
            }
            out.ended(chunks, null);
        } catch (Throwable e) { // Errors too: the reader of the outcomes waits for this word, and throws it
            out.ended(chunks, e);
        }
    }

    /** Feeds a chunk that begins with item {@code start}; the index of the item behind it. */
    private long feedChunk(long start) throws InterruptedException {
        window.acquire();
        var chunk = new MapChunkBuilder(plan.task(), plan.mapId(), start);
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
        var failure = Failure.builtin("ValueError", "the arguments " + unfit.getMessage());
        window.acquire();
        fed(new Chunk(start + chunk.count(), 1, CompletableFuture.completedFuture(new Outcome.Failed(failure))));
        return start + chunk.count() + 1;
    }

    /**
     * Takes items into a chunk.
     *
     * @param remaining items left, or -1: unknown
     * @return why the last one cannot travel, or null: they all can
     */
    private @Nullable EncodeException fill(MapChunkBuilder chunk, long remaining) throws InterruptedException {
        var size = Math.min(MapChunk.MAX_ITEMS, sizer.next(remaining));
        var began = System.nanoTime();
        do {
            try {
                chunk.add(input.next());
            } catch (EncodeException e) {
                return e;
            }
        } while (chunk.count() < size
                && chunk.sizeBytes() < MAX_CHUNK_BYTES
                && System.nanoTime() - began < LONGEST_FILL.toNanos()
                && comes(began));
        return null;
    }

    /** Publishes a chunk into the place that it has in the window, or leaves the place if the chunk is empty. */
    private void publish(MapChunkBuilder chunk, long start) {
        if (chunk.count() == 0) {
            window.release();
            return;
        }
        var id = plan.mapId() + "." + start;
        fed(new Chunk(start, chunk.count(), out.publish(id, chunk.build(id, plan.replyQueue(), headers))));
    }

    private void fed(Chunk chunk) {
        chunks++;
        out.fed(chunk);
    }

    /** Whether there is a next item for a chunk begun then; false as well if none came in time. */
    private boolean comes(long began) throws InterruptedException {
        if (input instanceof Incoming<?> incoming) {
            while (!incoming.isReady()) {
                if (System.nanoTime() - began >= LONGEST_FILL.toNanos()) {
                    return false;
                }
                Thread.sleep(1);
            }
        }
        return input.hasNext();
    }
}
