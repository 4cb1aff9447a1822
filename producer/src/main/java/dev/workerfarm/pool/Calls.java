package dev.workerfarm.pool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.workerfarm.config.Durations;
import dev.workerfarm.error.PoolFailedException;
import dev.workerfarm.error.ResultTimeoutException;
import dev.workerfarm.error.TaskCancelledException;
import dev.workerfarm.loop.Loop;
import dev.workerfarm.pool.map.MapPlan;
import dev.workerfarm.pool.map.MapRun;
import dev.workerfarm.pool.map.ProgressReporter;
import dev.workerfarm.pool.transport.Dispatcher;
import dev.workerfarm.pool.transport.Transport;
import dev.workerfarm.task.TaskQueue;
import dev.workerfarm.wire.task.TaskCodec;
import dev.workerfarm.wire.task.TaskMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a pool's calls and ends them with the pool: also when a loop that the pool cannot work without ends by a fault,
 * see {@link #died}. Owned by the {@link Pool}; threads may share it.
 */
final class Calls {
    private static final Logger LOG = LoggerFactory.getLogger(Calls.class);
    private static final String THREADS = "workerfarm-pool";

    private final PoolConfig config;
    /** Never shut down, as callbacks may come after the end: its threads are daemons and end when they are idle. */
    private final ExecutorService executor = Executors.newCachedThreadPool(task -> Loop.daemon(THREADS, task));

    /** A fault in one of these ends the pool. */
    final Executor threads = task -> executor.execute(Loop.job(THREADS, task, fault -> died(THREADS, fault)));

    private final UnderWay underWay = new UnderWay(() -> threads.execute(this::release));
    private final Set<MapRun> maps = ConcurrentHashMap.newKeySet();
    private final CountDownLatch released = new CountDownLatch(1);
    private final AtomicReference<@Nullable PoolFailedException> failure = new AtomicReference<>();
    private volatile boolean terminated;
    /** Volatile, as {@link #died} may be called while the transport is still being opened. */
    private volatile Dispatcher dispatcher;

    /** @throws dev.workerfarm.error.BrokerUnreachableException if the broker is not there */
    Calls(PoolConfig config, Transport.Opener opener) {
        this.config = config;
        this.dispatcher = new Dispatcher(config.publishTimeout(), opener, this::died);
        if (failure.get() != null) {
            threads.execute(this::release);
        }
    }

    <R> AsyncResult<R> one(
            Callee<R> callee, CallOptions options, List<? extends @Nullable Object> args, Map<String, ?> kwargs) {
        var id = UUID.randomUUID().toString();
        var now = Instant.now();
        var headers = options.headers(now, callee);
        var message =
                TaskCodec.encode(TaskMessage.of(id, callee.task(), args, kwargs, dispatcher.replyQueue(), headers));
        var result = counted(() -> dispatcher.dispatch(id, queue(callee, options), message, options.due(now)))
                .thenApply(outcome -> callee.conversion().apply(ItemOutcome.valueOf(id, outcome)));
        return new AsyncResult<>(id, result, threads, () -> dispatcher.cancel(id));
    }

    /** One task whose result nobody waits for; its id, once the broker has the message. */
    AsyncResult<String> oneUnanswered(
            Callee<?> callee,
            CallOptions options,
            List<? extends @Nullable Object> args,
            Map<String, ?> kwargs,
            boolean storeResult) {
        var id = UUID.randomUUID().toString();
        var now = Instant.now();
        var headers = options.headers(now, callee);
        var task = TaskMessage.of(id, callee.task(), args, kwargs, null, headers);
        var message = TaskCodec.encode(storeResult ? task.storingResult() : task);
        var confirmed = counted(() -> dispatcher.publishOnly(queue(callee, options), message, options.due(now)));
        return new AsyncResult<>(id, confirmed.thenApply(nothing -> id), threads, () -> false);
    }

    private static String queue(Callee<?> callee, CallOptions options) {
        var wanted = options.queue();
        return wanted == null ? callee.queue() : wanted;
    }

    <R> Outcomes<R> outcomes(Callee<R> callee, MapInput input, boolean ordered, MapOptions options) {
        return new Outcomes<>(run(callee, input, ordered, options), callee.conversion());
    }

    <R> Results<R> results(Callee<R> callee, MapInput input, boolean ordered, MapOptions options) {
        return new Results<>(outcomes(callee, input, ordered, options));
    }

    <R> List<ItemOutcome<R>> allOutcomes(Callee<R> callee, MapInput input, MapOptions options) {
        try (var outcomes = outcomes(callee, input, true, options)) {
            return list(outcomes);
        }
    }

    <R> List<R> allResults(Callee<R> callee, MapInput input, MapOptions options) {
        try (var results = results(callee, input, true, options)) {
            return list(results);
        }
    }

    /** All results, not waited for. */
    <R> AsyncResult<List<R>> allResultsLater(Callee<R> callee, MapInput input, MapOptions options) {
        var run = run(callee, input, true, options);
        var results = new Results<>(new Outcomes<>(run, callee.conversion()));
        var future = CompletableFuture.supplyAsync(
                () -> {
                    try (results) {
                        return listUninterrupted(results);
                    }
                },
                threads);
        return new AsyncResult<>(run.mapId(), future, threads, () -> {
            var cancelled = future.completeExceptionally(new TaskCancelledException(run.mapId()));
            run.terminate();
            return cancelled;
        });
    }

    int consumers(String queue) {
        return dispatcher.consumers(queue);
    }

    /** Takes no more calls; what is under way goes on, and after the last answer the connections are closed. */
    void close() {
        if (underWay.close()) {
            release();
        }
    }

    /** Takes no more calls, and cancels what is under way. */
    void terminate() {
        terminated = true;
        underWay.close();
        maps.forEach(MapRun::terminate);
        dispatcher.terminate();
        release();
    }

    /**
     * Fails all that is pending with a {@link PoolFailedException}, and closes. For a loop that ended by a fault, and
     * has logged it. Only the first call counts. Any thread, also that of the loop; returns soon.
     */
    void died(String loop, Throwable fault) {
        var failed = new PoolFailedException(loop, fault);
        if (!failure.compareAndSet(null, failed)) {
            return;
        }
        underWay.close();
        maps.forEach(run -> run.fail(failed));
        @Nullable Dispatcher opened = dispatcher;
        if (opened != null) {
            opened.fail(failed);
            threads.execute(this::release); // waits for the transport, of which this thread may be one
        }
    }

    /** Waits until the connections are closed. False if the timeout came first. */
    boolean join(Duration timeout) {
        if (!underWay.isClosed()) {
            throw new IllegalStateException("close() or terminate() comes before join()");
        }
        try {
            return released.await(Durations.nanos(timeout), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ResultTimeoutException("interrupted while joining the pool", e);
        }
    }

    private synchronized void release() {
        if (released.getCount() == 0) {
            return;
        }
        try {
            dispatcher.close();
        } catch (Throwable e) { // an Error too: whoever joins the pool would wait for ever
            LOG.error("the pool's connections may be open still", e);
        } finally {
            released.countDown();
        }
    }

    /** The call has ended before its future is done: a close by whoever waited for the future finds nothing under way. */
    private <T> CompletableFuture<T> counted(Supplier<CompletableFuture<T>> publish) {
        begin();
        try {
            return publish.get().whenComplete((done, failed) -> underWay.end());
        } catch (RuntimeException | Error e) {
            underWay.end();
            throw e;
        }
    }

    private void begin() {
        var failed = failure.get();
        if (failed != null) {
            throw failed;
        }
        underWay.begin();
    }

    private MapRun run(Callee<?> callee, MapInput input, boolean ordered, MapOptions options) {
        var target = options.queue() == null ? callee.queue() : options.queue();
        // A download is long and runs beside others: one a message spreads them over all downloaders.
        var oneByOne = options.chunkSize() == 0 && target.equals(config.names().of(TaskQueue.DOWNLOADS));
        // One item a message, so that an item that fails is run again without its neighbours.
        var wanted = options.retry() == null ? callee.retry() : options.retry();
        var retry = wanted == null || wanted.attempts() == 1 ? null : wanted;
        var plan = new MapPlan(
                UUID.randomUUID().toString(),
                callee.task(),
                target,
                dispatcher.replyQueue(),
                dispatcher.consumers(target),
                input.total(),
                ordered,
                retry != null || oneByOne ? 1 : options.chunkSize(),
                options.timeout(),
                retry == null ? options.retry() : retry,
                options.timeLimits().orElse(callee.timeLimits()));
        var progress = new ProgressReporter(options.progress(), input.total(), threads);
        begin();
        var run = new MapRun(
                dispatcher,
                plan,
                input.argLists(),
                progress,
                answered -> {
                    maps.remove(answered);
                    underWay.end();
                },
                this::died);
        maps.add(run);
        try {
            run.start();
        } catch (Throwable e) { // such as no thread for it
            maps.remove(run);
            underWay.end();
            throw e;
        }
        var failed = failure.get();
        if (failed != null) { // it and `terminated`: the other thread may not have seen this run
            run.fail(failed);
        } else if (terminated) {
            run.terminate();
        }
        return run;
    }

    /** For a thread of the pool: goes on after a stray interrupt. */
    private static <T> List<T> listUninterrupted(Results<T> results) {
        List<T> all = new ArrayList<>();
        while (true) {
            try {
                results.forEachRemaining(all::add);
                return all;
            } catch (ResultTimeoutException e) {
                if (!Dispatcher.isStrayInterrupt(e)) {
                    throw e;
                }
            }
        }
    }

    private static <T> List<T> list(Iterator<T> items) {
        List<T> all = new ArrayList<>();
        items.forEachRemaining(all::add);
        return all;
    }

    /** Counts the calls that a pool has under way, to go when it was closed and the last has ended. Threads share it. */
    private static final class UnderWay {
        private final Runnable lastEnded;

        @GuardedBy("this")
        private long count;

        @GuardedBy("this")
        private boolean closed;

        /** @param lastEnded called when the last call of a closed pool ends, on the thread that ended it */
        UnderWay(Runnable lastEnded) {
            this.lastEnded = lastEnded;
        }

        /** @throws IllegalStateException if the pool was closed */
        synchronized void begin() {
            if (closed) {
                throw new IllegalStateException("the pool was closed and takes no more calls");
            }
            count++;
        }

        void end() {
            boolean last;
            synchronized (this) {
                count--;
                last = closed && count == 0;
            }
            if (last) {
                lastEnded.run();
            }
        }

        /** Lets nothing more begin. True if nothing is under way now. */
        synchronized boolean close() {
            closed = true;
            return count == 0;
        }

        synchronized boolean isClosed() {
            return closed;
        }
    }
}
