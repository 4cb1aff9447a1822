package dev.workerfarm.pool;

import dev.workerfarm.error.EncodeException;
import dev.workerfarm.error.ResultTimeoutException;
import dev.workerfarm.message.Failure;
import dev.workerfarm.message.MapChunkBuilder;
import dev.workerfarm.message.MapChunkResult;
import dev.workerfarm.message.Outcome;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One map on its way: a feeder thread cuts the input into chunks and publishes them, a window of them at a time; the
 * outcomes come out in order. So an endless input needs no more memory than the window.
 *
 * <p>The iterator belongs to one thread. Closing it stops the feeder; what is already published may still run.
 */
final class MapRun implements Iterator<ItemOutcome>, AutoCloseable {
    private static final int MAX_CHUNK_BYTES = 256 * 1024;
    private static final int LEAST_WINDOW = 64;
    private static final int WINDOW_PER_WORKER = 4;
    /** A chunk that waits for more items goes as it is after this long; where the input is no Incoming, when the next one comes. */
    private static final Duration LONGEST_FILL = Duration.ofMillis(50);

    /** What to do, and for whom. {@code total} is -1 where unknown. */
    record Plan(
            String mapId,
            String task,
            String queue,
            int chunkSize,
            int workers,
            long total,
            @Nullable Duration timeout) {}

    /** A published chunk, or, with no items, the end of the input. */
    private record Chunk(long start, int count, CompletableFuture<Outcome> outcome) {
        static Chunk end() {
            return new Chunk(0, 0, new CompletableFuture<>());
        }

        boolean isEnd() {
            return count == 0;
        }
    }

    private final Dispatcher dispatcher;
    private final Plan plan;
    private final Iterator<? extends List<?>> input;
    private final ChunkSizer sizer;
    private final Semaphore window;
    private final BlockingQueue<Chunk> published = new LinkedBlockingQueue<>();
    private final Deque<ItemOutcome> ready = new ArrayDeque<>();
    private final Thread feeder;
    private final long deadline;
    private volatile @Nullable RuntimeException feederFailure;
    private boolean ended;

    MapRun(Dispatcher dispatcher, Plan plan, Iterator<? extends List<?>> input) {
        this.dispatcher = dispatcher;
        this.plan = plan;
        this.input = input;
        this.sizer = new ChunkSizer(plan.chunkSize(), plan.workers());
        this.window = new Semaphore(Math.max(LEAST_WINDOW, WINDOW_PER_WORKER * plan.workers()));
        this.deadline = plan.timeout() == null
                ? Long.MAX_VALUE
                : System.nanoTime() + plan.timeout().toNanos();
        this.feeder = new Thread(this::feed, "workerfarm-map-" + plan.mapId());
        this.feeder.setDaemon(true);
        this.feeder.start();
    }

    /**
     * Waits for the next item's outcome.
     *
     * @throws ResultTimeoutException if the map's timeout came first
     */
    @Override
    public boolean hasNext() {
        while (ready.isEmpty() && !ended) {
            await();
        }
        return !ready.isEmpty();
    }

    /** Whether {@link #hasNext} would answer at once. */
    boolean isReady() {
        if (!ready.isEmpty() || ended) {
            return true;
        }
        var next = published.peek();
        return next != null && (next.isEnd() || next.outcome().isDone());
    }

    @Override
    public ItemOutcome next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return ready.remove();
    }

    @Override
    public void close() {
        ended = true;
        feeder.interrupt();
        for (var chunk = published.poll(); chunk != null; chunk = published.poll()) {
            chunk.outcome().cancel(false);
        }
    }

    private void await() {
        try {
            var chunk = published.poll(left(), TimeUnit.NANOSECONDS);
            if (chunk != null && chunk.isEnd()) {
                ended = true;
                var failure = feederFailure;
                if (failure != null) {
                    throw failure;
                }
                return;
            }
            if (chunk == null) {
                throw new TimeoutException();
            }
            var outcome = chunk.outcome().get(left(), TimeUnit.NANOSECONDS);
            window.release();
            unpack(chunk, outcome);
        } catch (TimeoutException e) {
            throw new ResultTimeoutException("map " + plan.mapId() + " of " + plan.task() + " did not end in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ResultTimeoutException("interrupted in map " + plan.mapId(), e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e.getCause());
        }
    }

    private long left() {
        return deadline == Long.MAX_VALUE ? Long.MAX_VALUE : Math.max(0, deadline - System.nanoTime());
    }

    private void unpack(Chunk chunk, Outcome outcome) {
        if (outcome instanceof Outcome.Succeeded succeeded) {
            var result = MapChunkResult.from(succeeded.value(), chunk.count());
            sizer.measured(chunk.count(), result.nanos());
            var index = chunk.start();
            for (var item : result.outcomes()) {
                ready.add(item(index++, item));
            }
            return;
        }
        for (int i = 0; i < chunk.count(); i++) {
            ready.add(item(chunk.start() + i, outcome));
        }
    }

    private ItemOutcome item(long index, Outcome outcome) {
        return new ItemOutcome(index, plan.mapId() + ":" + index, outcome);
    }

    /** The feeder's life. */
    private void feed() {
        try {
            long index = 0;
            while (input.hasNext()) {
                index = feedChunk(index);
            }
        } catch (InterruptedException e) {
            return; // closed
        } catch (RuntimeException e) { // the input's own failure, or the broker's: the reader of the outcomes throws it
            feederFailure = e;
        }
        published.add(Chunk.end());
    }

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
            publish(start, chunk);
        } else {
            window.release();
        }
        if (unfit == null) {
            return start + chunk.count();
        }
        // An item that cannot travel fails alone, in its place.
        var failure = Failure.builtin("ValueError", "the arguments " + unfit.getMessage());
        window.acquire();
        published.add(
                new Chunk(start + chunk.count(), 1, CompletableFuture.completedFuture(new Outcome.Failed(failure))));
        return start + chunk.count() + 1;
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

    private void publish(long start, MapChunkBuilder chunk) {
        var id = plan.mapId() + "." + start;
        var outcome = dispatcher.dispatch(id, plan.queue(), chunk.build(id, dispatcher.replyQueue()));
        published.add(new Chunk(start, chunk.count(), outcome));
    }
}
