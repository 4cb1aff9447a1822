package dev.workerfarm.pool;

import dev.workerfarm.error.EncodeException;
import dev.workerfarm.message.EncodedMessage;
import dev.workerfarm.message.Failure;
import dev.workerfarm.message.MapChunkBuilder;
import dev.workerfarm.message.Outcome;
import dev.workerfarm.message.TraceContext;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
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

        /** The input is at its end, or failed. */
        void ended(long chunks, @Nullable RuntimeException failure);
    }

    private final MapPlan plan;
    private final Iterator<? extends List<?>> input;
    private final ChunkSizer sizer;
    private final Semaphore window;
    private final Out out;
    private final Thread thread;
    private final @Nullable TraceContext trace = TraceContext.current(); // of the thread that called the pool
    private long chunks;

    ChunkFeeder(MapPlan plan, Iterator<? extends List<?>> input, ChunkSizer sizer, Semaphore window, Out out) {
        this.plan = plan;
        this.input = input;
        this.sizer = sizer;
        this.window = window;
        this.out = out;
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
        } catch (InterruptedException e) {
            out.ended(chunks, null); // stopped
        } catch (RuntimeException e) { // the input's own failure, or the broker's: the reader of the outcomes throws it
            out.ended(chunks, e);
        }
    }

    /** Feeds a chunk that begins with item {@code start}; the index of the item behind it. */
    private long feedChunk(long start) throws InterruptedException {
        window.acquire();
        var chunk = new MapChunkBuilder(plan.task(), plan.mapId(), start);
        var size = sizer.next(plan.total() < 0 ? -1 : plan.total() - start);
        var began = System.nanoTime();
        @Nullable EncodeException unfit = null;
        do {
            try {
                chunk.add(input.next());
            } catch (EncodeException e) {
                unfit = e;
            }
        } while (unfit == null
                && chunk.count() < size
                && chunk.sizeBytes() < MAX_CHUNK_BYTES
                && System.nanoTime() - began < LONGEST_FILL.toNanos()
                && comes(began));
        if (chunk.count() > 0) {
            var id = plan.mapId() + "." + start;
            fed(new Chunk(start, chunk.count(), out.publish(id, chunk.build(id, plan.replyQueue()))));
        } else {
            window.release();
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
