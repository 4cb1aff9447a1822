package dev.workerfarm.pool;

import dev.workerfarm.error.ResultTimeoutException;
import dev.workerfarm.error.TaskCancelledException;
import dev.workerfarm.message.Arguments;
import dev.workerfarm.message.TaskCodec;
import dev.workerfarm.message.TaskMessage;
import dev.workerfarm.task.BuiltIn;
import dev.workerfarm.task.TaskQueue;
import dev.workerfarm.task.TaskType;
import java.time.Duration;
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
 * Python's {@code multiprocessing.Pool} over a broker: the calls of its documentation page ("Process Pools"), with
 * workers that may be anywhere.
 *
 * <pre>{@code
 * try (Pool pool = Pool.connect(PoolConfig.from(System.getenv()))) {
 *     List<Number> squares = pool.map(Square.TYPE, List.of(1, 2, 3, 4, 5)); // [1, 4, 9, 16, 25]
 * }
 * }</pre>
 *
 * <p>Threads may share it. Where SLF4J's MDC of the calling thread has a {@code traceparent} (W3C's Trace Context), it goes
 * with the tasks. A task is called by its type, which gives typed results, or by its name, which gives JSON
 * values (null, Boolean, Long or BigInteger, Double, String, List, Map). Arguments are positional, or one argument
 * record.
 */
public final class Pool implements AutoCloseable {
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

    private Pool(PoolConfig config) {
        this.config = config;
        this.dispatcher = Dispatcher.open(config);
    }

    /**
     * Connects.
     *
     * @throws dev.workerfarm.error.BrokerUnreachableException within 10 s if the broker is not there
     */
    public static Pool connect(PoolConfig config) {
        return new Pool(config);
    }

    /** Runs a task and waits for its result: {@code pool.apply(f, args)}. */
    public <R> R apply(TaskType<?, R> type, @Nullable Object... args) {
        return applyAsync(type, args).get();
    }

    /** As {@link #apply(TaskType, Object...)}, by name. */
    public @Nullable Object apply(String task, @Nullable Object... args) {
        return applyAsync(task, args).get();
    }

    /** Runs a task and does not wait: {@code pool.apply_async(f, args)}. */
    public <R> AsyncResult<R> applyAsync(TaskType<?, R> type, @Nullable Object... args) {
        return call(Callee.of(type), queue(type.queue()), Arguments.positional(args), Map.of());
    }

    /** As {@link #applyAsync(TaskType, Object...)}, by name. */
    public AsyncResult<@Nullable Object> applyAsync(String task, @Nullable Object... args) {
        return applyAsync(task, queueOf(task), Arguments.positional(args), Map.of());
    }

    /**
     * As {@link #applyAsync(String, Object...)}, with keyword arguments and a queue of the caller's choice.
     *
     * @param queue a queue's literal name
     */
    public AsyncResult<@Nullable Object> applyAsync(
            String task, String queue, List<? extends @Nullable Object> args, Map<String, ?> kwargs) {
        return call(Callee.named(task), queue, args, kwargs);
    }

    /**
     * Publishes a task whose result nobody waits for.
     *
     * @param queue a queue's literal name
     * @return the task's id, once the broker has confirmed the message; cannot be cancelled
     */
    public AsyncResult<String> publish(
            String task, String queue, List<? extends @Nullable Object> args, Map<String, ?> kwargs) {
        var id = UUID.randomUUID().toString();
        var message = TaskCodec.encode(TaskMessage.of(id, task, args, kwargs, null));
        var confirmed = counted(() -> dispatcher.publishOnly(queue, message));
        return new AsyncResult<>(id, confirmed.thenApply(nothing -> id), threads, () -> false);
    }

    /**
     * Starts a task, to be joined: what Python spells {@code p = Process(target=f, args=args); p.start()}, with
     * {@link AsyncResult#join()} for {@code p.join()}, not {@link AsyncResult#ready()} for {@code p.is_alive()} and
     * {@link AsyncResult#cancel()} for {@code p.terminate()}, which ends only what has not begun.
     */
    public <R> AsyncResult<R> start(TaskType<?, R> type, @Nullable Object... args) {
        return applyAsync(type, args);
    }

    /**
     * Runs a task for each item and waits for all: {@code pool.map(f, iterable)}. Results are in the items' order.
     *
     * @param items each the sole argument of its call, or an argument record
     * @throws dev.workerfarm.error.TaskFailedException the first failure by index; what has not begun is cancelled
     */
    public <R> List<R> map(TaskType<?, R> type, Iterable<?> items) {
        return map(type, items, MapOptions.DEFAULT);
    }

    /** As {@link #map(TaskType, Iterable)}, with options. */
    public <R> List<R> map(TaskType<?, R> type, Iterable<?> items, MapOptions options) {
        return collect(imap(Callee.of(type), queue(type.queue()), Input.each(items), true, options));
    }

    /** As {@link #map(TaskType, Iterable)}, by name. */
    public List<@Nullable Object> map(String task, Iterable<?> items) {
        return map(task, items, MapOptions.DEFAULT);
    }

    /** As {@link #map(TaskType, Iterable, MapOptions)}, by name. */
    public List<@Nullable Object> map(String task, Iterable<?> items, MapOptions options) {
        return collect(imap(Callee.named(task), queueOf(task), Input.each(items), true, options));
    }

    /** Runs a task for each list of arguments and waits for all: {@code pool.starmap(f, iterable)}. */
    public <R> List<R> starmap(TaskType<?, R> type, Iterable<? extends List<?>> argLists) {
        return starmap(type, argLists, MapOptions.DEFAULT);
    }

    /** As {@link #starmap(TaskType, Iterable)}, with options. */
    public <R> List<R> starmap(TaskType<?, R> type, Iterable<? extends List<?>> argLists, MapOptions options) {
        return collect(imap(Callee.of(type), queue(type.queue()), Input.of(argLists), true, options));
    }

    /** As {@link #starmap(TaskType, Iterable)}, by name. */
    public List<@Nullable Object> starmap(String task, Iterable<? extends List<?>> argLists) {
        return collect(imap(Callee.named(task), queueOf(task), Input.of(argLists), true, MapOptions.DEFAULT));
    }

    /** Runs a task for each item and does not wait: {@code pool.map_async(f, iterable)}. */
    public <R> AsyncResult<List<R>> mapAsync(TaskType<?, R> type, Iterable<?> items) {
        return mapAsync(type, items, MapOptions.DEFAULT);
    }

    /** As {@link #mapAsync(TaskType, Iterable)}, with options. */
    public <R> AsyncResult<List<R>> mapAsync(TaskType<?, R> type, Iterable<?> items, MapOptions options) {
        return collectAsync(Callee.of(type), queue(type.queue()), Input.each(items), options);
    }

    /** Runs a task for each list of arguments and does not wait: {@code pool.starmap_async(f, iterable)}. */
    public <R> AsyncResult<List<R>> starmapAsync(TaskType<?, R> type, Iterable<? extends List<?>> argLists) {
        return starmapAsync(type, argLists, MapOptions.DEFAULT);
    }

    /** As {@link #starmapAsync(TaskType, Iterable)}, with options. */
    public <R> AsyncResult<List<R>> starmapAsync(
            TaskType<?, R> type, Iterable<? extends List<?>> argLists, MapOptions options) {
        return collectAsync(Callee.of(type), queue(type.queue()), Input.of(argLists), options);
    }

    /**
     * Runs a task for each item; results come one by one, in the items' order: {@code pool.imap(f, iterable)}. Lazy: the
     * input is read ahead by a window and no further, on a thread of its own, and may be endless.
     *
     * @param items each the sole argument of its call, or an argument record; for a stream, its iterator
     */
    public <R> Results<R> imap(TaskType<?, R> type, Iterator<?> items) {
        return imap(type, items, MapOptions.DEFAULT);
    }

    /** As {@link #imap(TaskType, Iterator)}, with options. */
    public <R> Results<R> imap(TaskType<?, R> type, Iterator<?> items, MapOptions options) {
        return imap(Callee.of(type), queue(type.queue()), Input.each(items), true, options);
    }

    /** As {@link #imap(TaskType, Iterator)}, of a collection, whose items are spread over the workers. */
    public <R> Results<R> imap(TaskType<?, R> type, Iterable<?> items) {
        return imap(Callee.of(type), queue(type.queue()), Input.each(items), true, MapOptions.DEFAULT);
    }

    /** As {@link #imap(TaskType, Iterator)}, results coming as they end: {@code pool.imap_unordered(f, iterable)}. */
    public <R> Results<R> imapUnordered(TaskType<?, R> type, Iterator<?> items) {
        return imapUnordered(type, items, MapOptions.DEFAULT);
    }

    /** As {@link #imapUnordered(TaskType, Iterator)}, with options. */
    public <R> Results<R> imapUnordered(TaskType<?, R> type, Iterator<?> items, MapOptions options) {
        return imap(Callee.of(type), queue(type.queue()), Input.each(items), false, options);
    }

    /** As {@link #imapUnordered(TaskType, Iterator)}, of a collection, whose items are spread over the workers. */
    public <R> Results<R> imapUnordered(TaskType<?, R> type, Iterable<?> items) {
        return imap(Callee.of(type), queue(type.queue()), Input.each(items), false, MapOptions.DEFAULT);
    }

    /** Runs a task for each item, waits for all and gives each one's outcome, in the items' order, none of them thrown. */
    public <R> List<ItemOutcome<R>> mapOutcomes(TaskType<?, R> type, Iterable<?> items) {
        return mapOutcomes(type, items, MapOptions.DEFAULT);
    }

    /** As {@link #mapOutcomes(TaskType, Iterable)}, with options. */
    public <R> List<ItemOutcome<R>> mapOutcomes(TaskType<?, R> type, Iterable<?> items, MapOptions options) {
        return collect(outcomes(Callee.of(type), queue(type.queue()), Input.each(items), true, options));
    }

    /**
     * Runs a task for each list of arguments and gives each one's outcome as it comes, in order, none of them thrown. Lazy
     * as {@link #imap(TaskType, Iterator)} is.
     *
     * @param queue a queue's literal name
     * @param total how many there are, which are then spread over the workers, or -1: unknown
     */
    public Outcomes<@Nullable Object> outcomes(
            String task, String queue, Iterator<? extends List<?>> argLists, long total, MapOptions options) {
        return outcomes(Callee.named(task), queue, new Input(argLists, total), true, options);
    }

    /** The literal name of the queue that the named task is published to by default. */
    public String queueOf(String task) {
        return queue(BuiltIn.queueOf(task));
    }

    /** How many workers consume a queue now. */
    public int workers(String queue) {
        return dispatcher.consumers(queue);
    }

    /**
     * Takes no more calls; what is under way goes on, and after the last answer the connections close and the reply queue
     * goes: Python's {@code Pool.close()}. Returns at once; {@link #join()} waits. Harmless when repeated.
     *
     * <p>At the end of a {@code try (Pool pool = ...)} this is called, where Python's {@code with} calls
     * {@link #terminate()}. A program that ends before the last answer leaves a reply queue that expires by itself.
     */
    @Override
    public void close() {
        if (underWay.close()) {
            release();
        }
    }

    /**
     * Ends at once: what has not begun is cancelled as by {@link AsyncResult#cancel()}, whoever waits gets a
     * {@link dev.workerfarm.error.TaskCancelledException}, and the connections close: Python's {@code Pool.terminate()}.
     */
    public void terminate() {
        terminated = true;
        underWay.close();
        maps.forEach(MapRun::terminate);
        dispatcher.terminate();
        release();
    }

    /**
     * Waits until a closed pool's last call has ended and its connections are closed: Python's {@code Pool.join()}.
     *
     * @throws IllegalStateException if neither {@link #close()} nor {@link #terminate()} came before, as Python raises
     *     ValueError
     */
    public void join() {
        while (!join(Duration.ofDays(1))) {
            // a task may take days
        }
    }

    /**
     * As {@link #join()}, no longer than {@code timeout}.
     *
     * @return false if the timeout came first
     * @throws ResultTimeoutException if the thread was interrupted
     */
    public boolean join(Duration timeout) {
        if (!underWay.isClosed()) {
            throw new IllegalStateException("close() or terminate() comes before join()");
        }
        try {
            released.get(Deadline.nanos(timeout), TimeUnit.NANOSECONDS);
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

    private <R> AsyncResult<R> call(
            Callee<R> callee, String queue, List<? extends @Nullable Object> args, Map<String, ?> kwargs) {
        var id = UUID.randomUUID().toString();
        var message = TaskCodec.encode(TaskMessage.of(id, callee.task(), args, kwargs, dispatcher.replyQueue()));
        var result = counted(() -> dispatcher.dispatch(id, queue, message))
                .thenApply(outcome -> callee.conversion().apply(Failures.valueOf(id, outcome)));
        return new AsyncResult<>(id, result, threads, () -> dispatcher.cancel(id));
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

    private <R> Results<R> imap(Callee<R> callee, String queue, Input input, boolean ordered, MapOptions options) {
        return new Results<>(outcomes(callee, queue, input, ordered, options));
    }

    private <R> Outcomes<R> outcomes(Callee<R> callee, String queue, Input input, boolean ordered, MapOptions options) {
        return new Outcomes<>(run(callee.task(), queue, input, ordered, options), callee.conversion());
    }

    private <R> AsyncResult<List<R>> collectAsync(Callee<R> callee, String queue, Input input, MapOptions options) {
        var run = run(callee.task(), queue, input, true, options);
        var results = new Results<>(new Outcomes<>(run, callee.conversion()));
        var future = CompletableFuture.supplyAsync(() -> collect(results), threads);
        return new AsyncResult<>(run.mapId(), future, threads, () -> {
            var cancelled = future.completeExceptionally(new TaskCancelledException(run.mapId()));
            run.terminate();
            return cancelled;
        });
    }

    private static <R> List<R> collect(Results<R> results) {
        List<R> all = new ArrayList<>();
        try (results) {
            results.forEachRemaining(all::add);
        }
        return all;
    }

    private static <R> List<ItemOutcome<R>> collect(Outcomes<R> outcomes) {
        List<ItemOutcome<R>> all = new ArrayList<>();
        try (outcomes) {
            outcomes.forEachRemaining(all::add);
        }
        return all;
    }

    private MapRun run(String task, String queue, Input input, boolean ordered, MapOptions options) {
        var target = options.queue() == null ? queue : options.queue();
        // A download is long and runs beside others: one a message, so that all downloaders share them.
        var oneByOne = options.chunkSize() == 0 && target.equals(queue(TaskQueue.DOWNLOADS));
        var plan = new MapPlan(
                UUID.randomUUID().toString(),
                task,
                target,
                dispatcher.replyQueue(),
                dispatcher.consumers(target),
                input.total(),
                ordered,
                oneByOne ? options.withChunkSize(1) : options);
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

    private String queue(TaskQueue queue) {
        return config.names().of(queue);
    }
}
