package dev.workerfarm.pool.map;

import dev.workerfarm.config.Durations;
import dev.workerfarm.error.CallInterruptedException;
import dev.workerfarm.error.FarmException;
import dev.workerfarm.error.PoolFailedException;
import dev.workerfarm.error.ResultTimeoutException;
import dev.workerfarm.error.TaskCancelledException;
import dev.workerfarm.pool.map.ChunkFeeder.Chunk;
import dev.workerfarm.pool.transport.Dispatcher;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Outcome;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One map under way: its {@link ChunkFeeder} publishes chunks, and their outcomes are read here, in the input's order or as
 * they end. The window moves on as outcomes are taken, and what they take on the heap is bounded, so a slow reader slows the feeder.
 *
 * <p>The iterator belongs to one thread; {@link #terminate} and {@link #fail} may be called by any. Closing it early cancels
 * what no worker has begun.
 */
public final class MapRun implements Iterator<MapRun.Item>, AutoCloseable {
    public record Item(long index, Outcome outcome) {}

    /** Items that lie together, the first with this index. */
    public record Items(long start, List<Outcome> outcomes) {}

    /** What the reader waits for: a chunk, or, without one, that the feeder ended after so many chunks. */
    private record Arrival(
            @Nullable Chunk chunk, long chunks, @Nullable Throwable failure) {}

    private final Dispatcher dispatcher;
    private final MapPlan plan;
    private final Dispatcher.DeathListener deaths;
    private final ChunkSizer sizer;
    private final UnreadBytes.OfMap unread;
    private final ChunkFeeder feeder;
    private final ProgressReporter progress;
    /** The outcomes of chunks, by the index of their first item. */
    private final Map<Long, CompletableFuture<List<Outcome>>> unanswered = new ConcurrentHashMap<>();

    private final Remaining remaining;
    private final BlockingQueue<Arrival> arrived = new LinkedBlockingQueue<>();
    private final Deadline deadline;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean fed;
    /** What a reader gets once the pool has ended the run. */
    private volatile @Nullable FarmException endedBy;

    // The reader's thread only.
    private Items ready = new Items(0, List.of());
    private int read; // so many of these
    private boolean ended; // all chunks were taken
    private @Nullable Chunk current;
    private long taken;
    private long chunks = Long.MAX_VALUE; // until the feeder has ended
    private @Nullable Throwable failure;

    /**
     * @param time of the task, to be taken into account and kept up to date
     * @param unread bounds what is held for readers
     * @param whenAnswered called once, on any thread, when the last answer is here or the run is closed
     */
    public MapRun(
            Dispatcher dispatcher,
            MapPlan plan,
            Iterator<? extends List<?>> input,
            MeasuredTime time,
            UnreadBytes unread,
            ProgressReporter progress,
            Consumer<MapRun> whenAnswered,
            Dispatcher.DeathListener deaths) {
        this.dispatcher = dispatcher;
        this.plan = plan;
        this.progress = progress;
        this.deaths = deaths;
        this.remaining = new Remaining(() -> whenAnswered.accept(this));
        this.sizer = new ChunkSizer(plan.chunkSize(), plan.workers(), time);
        this.unread = unread.ofMap(plan, sizer);
        var timeout = plan.timeout();
        this.deadline = timeout == null ? Deadline.never() : Deadline.in(timeout);
        this.feeder = new ChunkFeeder(plan, input, sizer, this.unread, new Feeding());
    }

    public void start() {
        feeder.start();
    }

    public String mapId() {
        return plan.mapId();
    }

    /** Waits for the next outcome. A failure: the map's timeout came first, the run was ended, or the pool failed. */
    @Override
    public boolean hasNext() {
        return hasNext(deadline);
    }

    /** As {@link #hasNext()}, waiting no longer than {@code timeout}; after a time-out it may be called again. */
    public boolean hasNext(Duration timeout) {
        return hasNext(Deadline.in(timeout).earlier(deadline));
    }

    private boolean hasNext(Deadline until) {
        while (!isAnyReady() && !ended && !closed.get()) {
            await(until);
        }
        var end = endedBy;
        if (!isAnyReady() && end != null) {
            throw end.thrownHere();
        }
        return isAnyReady();
    }

    private boolean isAnyReady() {
        return read < ready.outcomes().size();
    }

    /** Whether {@link #hasNext()} would answer at once. */
    public boolean isReady() {
        if (isAnyReady() || ended || closed.get()) {
            return true;
        }
        if (current != null) {
            return current.outcomes().isDone();
        }
        var next = arrived.peek();
        return next != null && (next.chunk() == null || next.chunk().outcomes().isDone());
    }

    @Override
    public Item next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return new Item(ready.start() + read, ready.outcomes().get(read++));
    }

    /** All items that are there, at least one; waits for it as {@link #next}. */
    public Items nextItems() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        var rest = read == 0
                ? ready
                : new Items(
                        ready.start() + read,
                        ready.outcomes().subList(read, ready.outcomes().size()));
        read = ready.outcomes().size();
        return rest;
    }

    /** Whether nothing more of the input is to be published. */
    public boolean isFed() {
        return fed;
    }

    /** From now on the input is taken to its end, however slowly outcomes are read, as Python's Pool does: somebody waits for that. */
    public void takeAllInput() {
        unread.lift();
    }

    /** Stops: nothing more is published, and what no worker has begun is cancelled. Harmless when repeated or at the end. */
    @Override
    public void close() {
        close(new TaskCancelledException(plan.mapId()), true);
    }

    /** As {@link #close}, from any thread: a reader gets a {@link TaskCancelledException}. */
    public void terminate() {
        end(new TaskCancelledException(plan.mapId()), true);
    }

    /** Stops, from any thread, and revokes nothing: a reader gets this exception. */
    public void fail(PoolFailedException failure) {
        end(failure, false);
    }

    private void end(FarmException reason, boolean revoking) {
        endedBy = reason;
        close(reason, revoking);
        arrived.add(new Arrival(null, 0, null));
    }

    /** Unanswered chunks fail with the reason. */
    private void close(FarmException reason, boolean revoking) {
        // Before `closed`: a feeder that sees `closed` cancels its last chunk and ends, which would be the last answer.
        // That may close the connection, and workers are to be asked to stop before.
        var underWay = remaining.beginClose();
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        feeder.stop();
        if (underWay && revoking) {
            dispatcher.revoke(List.of(plan.mapId()));
        }
        unanswered.values().forEach(outcome -> outcome.completeExceptionally(reason));
        unread.close();
        remaining.closed();
    }

    private void await(Deadline until) {
        if (taken >= chunks) {
            ended = true;
            throwFailure();
            return;
        }
        try {
            if (deadline.isOver()) {
                throw new TimeoutException(); // also where something has just arrived
            }
            if (current == null) {
                current = arrive(until);
            }
            if (current != null) {
                take(current, until);
            }
        } catch (TimeoutException e) {
            throw new ResultTimeoutException("map " + plan.mapId() + " of " + plan.task() + " did not end in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CallInterruptedException("interrupted in map " + plan.mapId(), e);
        }
    }

    /** Throws the input's failure as it is, Errors too: as if the reader had taken the input itself. */
    private void throwFailure() {
        if (failure instanceof FarmException known) {
            throw known.thrownHere();
        }
        if (failure instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure != null) { // checked, and thrown undeclared, as generated code and other JVM languages do
            throw new IllegalStateException("the input of map " + plan.mapId() + " failed", failure);
        }
    }

    /** The next chunk that arrives, or null: the end of the feeder did. */
    private @Nullable Chunk arrive(Deadline until) throws InterruptedException, TimeoutException {
        var arrival = arrived.poll(until.nanosLeft(), TimeUnit.NANOSECONDS);
        if (arrival == null) {
            throw new TimeoutException();
        }
        if (arrival.chunk() == null) {
            chunks = arrival.chunks();
            failure = arrival.failure();
        }
        return arrival.chunk();
    }

    private void take(Chunk chunk, Deadline until) throws InterruptedException, TimeoutException {
        try {
            var outcomes = chunk.outcomes().get(until.nanosLeft(), TimeUnit.NANOSECONDS);
            ready = new Items(chunk.start(), outcomes);
            read = 0;
            unread.read(chunk.count(), outcomes);
        } catch (ExecutionException e) {
            unread.read(chunk.count(), List.of());
            taken();
            if (e.getCause() instanceof FarmException known) {
                throw known.thrownHere();
            }
            throw new IllegalStateException(e.getCause());
        }
        taken();
    }

    private void taken() {
        current = null;
        taken++;
    }

    private FarmException endReason() {
        var end = endedBy;
        return end == null ? new TaskCancelledException(plan.mapId()) : end;
    }

    /** Called on the feeder's thread. */
    private final class Feeding implements ChunkFeeder.Out {
        @Override
        public CompletableFuture<List<Outcome>> publish(String id, int count, EncodedMessage message) {
            if (closed.get()) {
                throw endReason();
            }
            try {
                var answers = new ChunkAnswers(id, count, message, sizer);
                dispatcher.dispatchPatiently(id, plan.queue(), answers, message, plan.due());
                return answers.done();
            } catch (FarmException e) {
                throw e;
            } catch (RuntimeException | Error fault) {
                died("workerfarm-map-" + plan.mapId(), fault);
                throw fault;
            }
        }

        @Override
        public void fed(Chunk chunk) {
            remaining.chunkFed();
            unanswered.put(chunk.start(), chunk.outcomes());
            var expected = unread.published(chunk.count());
            // A reader that waits for the derived outcome finds all of this done.
            var outcomes = chunk.outcomes().whenComplete((done, failed) -> {
                unanswered.remove(chunk.start());
                unread.ended(chunk.count(), expected, failed == null ? done : null);
                if (failed == null) { // or it was cancelled or not published
                    progress.done(chunk.count());
                }
                remaining.ended();
            });
            var arrival = new Arrival(new Chunk(chunk.start(), chunk.count(), outcomes), 0, null);
            if (plan.ordered()) {
                arrived.add(arrival);
            } else {
                outcomes.whenComplete((done, failed) -> arrived.add(arrival));
            }
            if (closed.get()) {
                chunk.outcomes().completeExceptionally(endReason()); // closed meanwhile
            }
        }

        @Override
        public void ended(long chunks, @Nullable Throwable failure) {
            fed = true;
            remaining.ended();
            arrived.add(new Arrival(null, chunks, failure));
        }

        @Override
        public void died(String loop, Throwable fault) {
            deaths.died(loop, fault);
        }
    }

    /** The latest moment, by {@link System#nanoTime}, that something is waited for. */
    record Deadline(long nanoTime) {
        /** So long from now. Very long durations are shortened, as by {@link Durations#nanos}. */
        static Deadline in(Duration duration) {
            return new Deadline(System.nanoTime() + Durations.nanos(duration));
        }

        static Deadline never() {
            return in(ChronoUnit.FOREVER.getDuration());
        }

        boolean isOver() {
            return nanoTime - System.nanoTime() <= 0;
        }

        /** The nanoseconds that are left, 0 if it is over. */
        long nanosLeft() {
            return Math.max(0, nanoTime - System.nanoTime());
        }

        Deadline earlier(Deadline other) {
            return nanoTime - other.nanoTime <= 0 ? this : other;
        }
    }
}
