package dev.workerfarm.pool;

import dev.workerfarm.config.Durations;
import dev.workerfarm.error.ResultTimeoutException;
import dev.workerfarm.error.TaskCancelledException;
import dev.workerfarm.message.TaskCodec;
import dev.workerfarm.message.TaskMessage;
import dev.workerfarm.task.TaskQueue;
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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes a pool's calls, one method a form whatever names the task, and ends them with the pool. Owned by the
 * {@link Pool}; threads may share it.
 */
final class Calls {
    private final PoolConfig config;
    private final Dispatcher dispatcher;
    /** Never shut down, as callbacks may come after the end: its threads are daemons and go by themselves. */
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        var thread = new Thread(task, "workerfarm-pool");
        thread.setDaemon(true);
        return thread;
    });

    private final UnderWay underWay = new UnderWay(() -> threads.execute(this::release));
    private final Set<MapRun> maps = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> released = new CompletableFuture<>();
    private volatile boolean terminated;

    /** @throws dev.workerfarm.error.BrokerUnreachableException if the broker is not there */
    Calls(PoolConfig config) {
        this.config = config;
        this.dispatcher = Dispatcher.open(config);
    }

    /** One task. */
    <R> AsyncResult<R> one(
            Callee<R> callee, CallOptions options, List<? extends @Nullable Object> args, Map<String, ?> kwargs) {
        var id = UUID.randomUUID().toString();
        var now = Instant.now();
        var headers = options.headers(now, callee);
        var message =
                TaskCodec.encode(TaskMessage.of(id, callee.task(), args, kwargs, dispatcher.replyQueue(), headers));
        var result = counted(() -> dispatcher.dispatch(id, queue(callee, options), message, options.due(now)))
                .thenApply(outcome -> callee.conversion().apply(Failures.valueOf(id, outcome)));
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

    /** Every item's outcome as it comes. */
    <R> Outcomes<R> outcomes(Callee<R> callee, Input input, boolean ordered, MapOptions options) {
        return new Outcomes<>(run(callee, input, ordered, options), callee.conversion());
    }

    /** Every item's result as it comes. */
    <R> Results<R> results(Callee<R> callee, Input input, boolean ordered, MapOptions options) {
        return new Results<>(outcomes(callee, input, ordered, options));
    }

    /** All outcomes, waited for. */
    <R> List<ItemOutcome<R>> allOutcomes(Callee<R> callee, Input input, MapOptions options) {
        try (var outcomes = outcomes(callee, input, true, options)) {
            return list(outcomes);
        }
    }

    /** All results, waited for. */
    <R> List<R> allResults(Callee<R> callee, Input input, MapOptions options) {
        try (var results = results(callee, input, true, options)) {
            return list(results);
        }
    }

    /** All results, not waited for. */
    <R> AsyncResult<List<R>> allResultsLater(Callee<R> callee, Input input, MapOptions options) {
        var run = run(callee, input, true, options);
        var results = new Results<>(new Outcomes<>(run, callee.conversion()));
        var future = CompletableFuture.supplyAsync(
                () -> {
                    try (results) {
                        return list(results);
                    }
                },
                threads);
        return new AsyncResult<>(run.mapId(), future, threads, () -> {
            var cancelled = future.completeExceptionally(new TaskCancelledException(run.mapId()));
            run.terminate();
            return cancelled;
        });
    }

    /** How many workers consume a queue now. */
    int consumers(String queue) {
        return dispatcher.consumers(queue);
    }

    /** Takes no more; what is under way goes on, and after the last answer all is released. */
    void close() {
        if (underWay.close()) {
            release();
        }
    }

    /** Takes no more, and cancels what is under way. */
    void terminate() {
        terminated = true;
        underWay.close();
        maps.forEach(MapRun::terminate);
        dispatcher.terminate();
        release();
    }

    /**
     * Waits until all is released.
     *
     * @return false if the timeout came first
     */
    boolean join(Duration timeout) {
        if (!underWay.isClosed()) {
            throw new IllegalStateException("close() or terminate() comes before join()");
        }
        try {
            released.get(Durations.nanos(timeout), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ResultTimeoutException("interrupted while joining the pool", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e); // cannot be: nobody fails it
        }
    }

    private synchronized void release() {
        if (!released.isDone()) {
            dispatcher.close();
            released.complete(null);
        }
    }

    /** Who waits for the future finds it counted out: a close then finds nothing under way. */
    private <T> CompletableFuture<T> counted(Supplier<CompletableFuture<T>> publish) {
        underWay.begin();
        try {
            return publish.get().whenComplete((done, failed) -> underWay.end());
        } catch (RuntimeException e) {
            underWay.end();
            throw e;
        }
    }

    private MapRun run(Callee<?> callee, Input input, boolean ordered, MapOptions options) {
        var target = options.queue() == null ? callee.queue() : options.queue();
        // A download is long and runs beside others: one a message, so that all downloaders share them.
        var oneByOne = options.chunkSize() == 0 && target.equals(config.names().of(TaskQueue.DOWNLOADS));
        // As one message an item that fails is run again without its neighbours.
        var wanted = options.retry() == null ? callee.retry() : options.retry();
        var retry = wanted == null || wanted.attempts() == 1 ? null : wanted;
        var limited = options.withTimeLimits(options.timeLimits().orElse(callee.timeLimits()));
        var plan = new MapPlan(
                UUID.randomUUID().toString(),
                callee.task(),
                target,
                dispatcher.replyQueue(),
                dispatcher.consumers(target),
                input.total(),
                ordered,
                retry != null
                        ? limited.withRetry(retry).withChunkSize(1)
                        : oneByOne ? limited.withChunkSize(1) : limited);
        var progress = new ProgressReporter(options.progress(), input.total(), threads);
        underWay.begin();
        var run = new MapRun(dispatcher, plan, input.argLists(), progress, answered -> {
            maps.remove(answered);
            underWay.end();
        });
        maps.add(run);
        run.start();
        if (terminated) {
            run.terminate(); // the other thread has not seen it
        }
        return run;
    }

    private static <T> List<T> list(Iterator<T> items) {
        List<T> all = new ArrayList<>();
        items.forEachRemaining(all::add);
        return all;
    }
}
