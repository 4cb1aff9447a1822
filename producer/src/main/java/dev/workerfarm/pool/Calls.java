package dev.workerfarm.pool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.config.Durations;
import dev.workerfarm.error.CallInterruptedException;
import dev.workerfarm.error.NestedCallRefused;
import dev.workerfarm.error.PoolFailedException;
import dev.workerfarm.error.TaskCancelledException;
import dev.workerfarm.loop.Loop;
import dev.workerfarm.pool.map.KnownWorkers;
import dev.workerfarm.pool.map.MapPlan;
import dev.workerfarm.pool.map.MapRun;
import dev.workerfarm.pool.map.MeasuredTime;
import dev.workerfarm.pool.map.ProgressReporter;
import dev.workerfarm.pool.map.UnreadBytes;
import dev.workerfarm.pool.transport.Dispatcher;
import dev.workerfarm.pool.transport.Transport;
import dev.workerfarm.task.TaskQueue;
import dev.workerfarm.task.lane.RunningLane;
import dev.workerfarm.wire.task.TaskCodec;
import dev.workerfarm.wire.task.TaskMessage;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
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
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a pool's calls and ends them with the pool, also after a fault: {@link #died}. Threads may share it. */
final class Calls {
    private static final Logger LOG = LoggerFactory.getLogger(Calls.class);
    private static final String THREADS = "workerfarm-pool";
    private static final Duration AT_EXIT = Duration.ofSeconds(5);
    private static final Duration A_MOMENT = Duration.ofMillis(5);

    private final Set<String> places;
    private final QueueNames names;
    /** Never shut down: its threads are daemons and end when they are idle. */
    private final ExecutorService executor = Executors.newCachedThreadPool(task -> Loop.daemon(THREADS, task));

    /** A fault in one of these ends the pool. */
    final Executor threads = task -> executor.execute(Loop.job(THREADS, task, fault -> died(THREADS, fault)));

    private final Callbacks callbacks;
    private final UnderWay underWay = new UnderWay(() -> threads.execute(this::release));
    private final Set<MapRun> maps = ConcurrentHashMap.newKeySet();
    /** By task, so that a second map of a task begins with the right size of chunks. */
    private final Map<String, MeasuredTime> times = new ConcurrentHashMap<>();

    private final KnownWorkers workers = new KnownWorkers(this::consumers, threads);
    private final UnreadBytes unread = UnreadBytes.ofQuarterHeap();

    /** The queues that answered calls went to. */
    private final Set<String> waitedFor = ConcurrentHashMap.newKeySet();

    private final CountDownLatch released = new CountDownLatch(1);
    private final AtomicReference<@Nullable PoolFailedException> failure = new AtomicReference<>();
    private final Thread atExit = new Thread(this::publishAtExit, "workerfarm-pool-exit");
    private volatile boolean terminated;
    /** Volatile, as {@link #died} may be called while the transport is still being opened. */
    private volatile Dispatcher dispatcher;

    /**
     * @param places where the broker is, as {@link dev.workerfarm.config.BrokerAddress#places}
     * @throws dev.workerfarm.error.BrokerUnreachableException if the broker is not there
     */
    Calls(
            Set<String> places,
            QueueNames names,
            Duration publishTimeout,
            Callbacks callbacks,
            Function<Transport.Listener, Transport> opener) {
        this.places = places;
        this.names = names;
        this.callbacks = callbacks;
        this.dispatcher = new Dispatcher(publishTimeout, opener, this::died);
        Runtime.getRuntime().addShutdownHook(atExit);
        if (failure.get() != null) {
            threads.execute(this::release);
        }
    }

    <R> AsyncResult<R> one(Callee<R> callee, CallSettings settings, Callee.Args args) {
        var id = UUID.randomUUID().toString();
        var now = Instant.now();
        var message = TaskCodec.encode(task(id, callee, settings, args, dispatcher.replyQueue(), now));
        var queue = queue(callee, settings);
        waitedFor.add(queue);
        var result = counted(() -> dispatcher.dispatch(id, queue, message, settings.due(now)))
                .thenApply(outcome -> callee.conversion().apply(ItemOutcome.valueOf(id, outcome)));
        return new AsyncResult<>(id, result, callbacks, () -> dispatcher.cancel(id), mayWait(queue));
    }

    /** One task whose result nobody waits for; its id, once the broker has the message. */
    AsyncResult<String> oneUnanswered(Callee<?> callee, CallSettings settings, Callee.Args args) {
        var id = UUID.randomUUID().toString();
        var now = Instant.now();
        var message = TaskCodec.encode(task(id, callee, settings, args, null, now));
        var confirmed = counted(() -> dispatcher.publishOnly(queue(callee, settings), message, settings.due(now)));
        return new AsyncResult<>(id, confirmed.thenApply(nothing -> id), callbacks, () -> false, () -> {});
    }

    private static TaskMessage task(
            String id,
            Callee<?> callee,
            CallSettings settings,
            Callee.Args args,
            @Nullable String replyTo,
            Instant now) {
        var kwargs = settings.kwargs.isEmpty() ? args.kwargs() : settings.kwargs;
        var headers = settings.headers(now, callee);
        var task = TaskMessage.of(id, callee.task(), args.positional(), kwargs, replyTo, headers);
        return settings.storing ? task.storingResult() : task;
    }

    /** Where to publish. The queue of the task's type is declared; one that the caller named must exist. */
    private String queue(Callee<?> callee, CallSettings settings) {
        var queue = settings.queue(callee);
        if (settings.queue == null && callee.declared() != null) {
            dispatcher.declare(queue);
        }
        return queue;
    }

    <R> Outcomes<R> outcomes(Callee<R> callee, MapInput input, boolean ordered, CallSettings settings) {
        var mayWait = mayWait(settings.queue(callee));
        mayWait.run(); // before anything is published
        return new Outcomes<>(run(callee, input, ordered, true, settings), callee.conversion(), mayWait);
    }

    <R> Results<R> results(Callee<R> callee, MapInput input, boolean ordered, CallSettings settings) {
        return new Results<>(outcomes(callee, input, ordered, settings));
    }

    <R> List<R> allResults(Callee<R> callee, MapInput input, CallSettings settings) {
        var mayWait = mayWait(settings.queue(callee));
        mayWait.run(); // before anything is published
        var run = run(callee, input, true, false, settings);
        try (var outcomes = new Outcomes<>(run, callee.conversion(), mayWait)) {
            var all = new ResultList<R>(input.total());
            outcomes.addResults(all, callee.keepsNumbers());
            return all;
        } finally {
            if (reportsInOrder(settings)) {
                var ended = CompletableFuture.completedFuture(run.mapId());
                reported(new AsyncResult<>(run.mapId(), ended, callbacks, () -> false, () -> {}))
                        .await(settings.timeout == null ? ChronoUnit.FOREVER.getDuration() : settings.timeout);
            }
        }
    }

    /** Whether progress is reported on the pool's own thread, one report after the other. */
    private boolean reportsInOrder(CallSettings settings) {
        return settings.progress != null && callbacks.areOwn();
    }

    /** Has a reader of the result wait, as for a callback, until the progress that was counted so far has been reported. */
    private static <R> AsyncResult<R> reported(AsyncResult<R> result) {
        return result.callback(done -> {});
    }

    <R> AsyncResult<List<R>> allResultsLater(Callee<R> callee, MapInput input, CallSettings settings) {
        var run = run(callee, input, true, false, settings);
        var outcomes = new Outcomes<>(run, callee.conversion(), () -> {});
        var future = CompletableFuture.<List<R>>supplyAsync(
                () -> {
                    try (outcomes) {
                        var all = new ResultList<R>(input.total());
                        addUninterrupted(() -> outcomes.addResults(all, callee.keepsNumbers()));
                        return all;
                    }
                },
                threads);
        var result = new AsyncResult<>(
                run.mapId(),
                future,
                callbacks,
                () -> {
                    var cancelled = future.completeExceptionally(new TaskCancelledException(run.mapId()));
                    run.terminate();
                    return cancelled;
                },
                mayWait(settings.queue(callee)));
        return reportsInOrder(settings) ? reported(result) : result;
    }

    /** Throws NestedCallRefused where a thread must not wait for a task of the queue: it runs one of the same lane. */
    Runnable mayWait(String queue) {
        return () -> {
            var lane = RunningLane.current();
            if (lane != null && lane.consumes(places, queue)) {
                throw new NestedCallRefused(queue);
            }
        };
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

    /** Fails all that is pending and closes; the first call counts. On any thread, also the loop's; returns soon. */
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
        if (released.getCount() > 0) {
            waitedFor.forEach(queue -> mayWait(queue).run());
            maps.forEach(MapRun::takeAllInput);
        }
        try {
            return released.await(Durations.nanos(timeout), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CallInterruptedException("interrupted while joining the pool", e);
        }
    }

    /** The JVM ends with an open pool: what is under way is published as long as the broker takes it, for 5 s at the most. */
    private void publishAtExit() {
        if (terminated || released.getCount() == 0) {
            return;
        }
        maps.forEach(MapRun::takeAllInput);
        var until = System.nanoTime() + AT_EXIT.toNanos();
        try {
            while (isPublishing() && dispatcher.isConnected() && System.nanoTime() < until) {
                Thread.sleep(A_MOMENT.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (isPublishing()) {
            var unfed = maps.stream().filter(run -> !run.isFed()).count();
            LOG.warn(
                    "the program ends with an open pool, and the broker has not taken all of its calls: lost calls={} mapsNotWhole={}",
                    dispatcher.unconfirmed(),
                    unfed);
        }
    }

    private boolean isPublishing() {
        return dispatcher.unconfirmed() > 0 || maps.stream().anyMatch(run -> !run.isFed());
    }

    private synchronized void release() {
        if (released.getCount() == 0) {
            return;
        }
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            LOG.debug("the JVM ends");
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
            throw failed.thrownHere();
        }
        underWay.begin();
    }

    private MapRun run(Callee<?> callee, MapInput input, boolean ordered, boolean lazy, CallSettings settings) {
        settings.requireForMap();
        var now = Instant.now();
        var target = queue(callee, settings);
        waitedFor.add(target);
        // A task that waits runs beside others: one a message spreads them over all that run at a time.
        var oneByOne = settings.chunkSize == 0 && runsSeveral(callee, target);
        // One item a message, so that an item that fails is run again without its neighbours.
        var wanted = settings.retry == null ? callee.retry() : settings.retry;
        var retry = wanted == null || wanted.attempts() == 1 ? null : wanted;
        var plan = new MapPlan(
                UUID.randomUUID().toString(),
                callee.task(),
                target,
                dispatcher.replyQueue(),
                workers.of(target),
                input.total(),
                ordered,
                lazy,
                retry != null || oneByOne ? 1 : settings.chunkSize,
                settings.window,
                settings.due(now),
                settings.expires(now),
                settings.timeout,
                retry == null ? settings.retry : retry,
                settings.limits.orElse(callee.timeLimits()),
                settings.asJson);
        var progress = new ProgressReporter(settings.progress, input.total(), callbacks);
        begin();
        var run = new MapRun(
                dispatcher,
                plan,
                input.argLists(),
                times.computeIfAbsent(callee.task(), first -> new MeasuredTime()),
                unread,
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

    /** Whether one process runs several tasks of the queue at a time, as far as is known. */
    private boolean runsSeveral(Callee<?> callee, String queue) {
        var declared = callee.declared();
        if (declared != null && queue.equals(callee.queue())) {
            return declared.concurrency() != 1;
        }
        return queue.equals(names.of(TaskQueue.DOWNLOADS));
    }

    /** For a thread of the pool: goes on after a stray interrupt. */
    private static void addUninterrupted(Runnable add) {
        while (true) {
            try {
                add.run();
                return;
            } catch (CallInterruptedException e) {
                if (!Dispatcher.isStrayInterrupt(e)) {
                    throw e;
                }
            }
        }
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
