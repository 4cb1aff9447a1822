package dev.workerfarm.pool;

import dev.workerfarm.message.Arguments;
import dev.workerfarm.message.TaskCodec;
import dev.workerfarm.message.TaskMessage;
import dev.workerfarm.task.BuiltIn;
import dev.workerfarm.task.TaskQueue;
import dev.workerfarm.task.TaskType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
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
 * <p>Threads may share it. A task is called by its type, which gives typed results, or by its name, which gives JSON
 * values (null, Boolean, Long or BigInteger, Double, String, List, Map). Arguments are positional, or one argument
 * record.
 */
public final class Pool implements AutoCloseable {
    private final PoolConfig config;
    private final Dispatcher dispatcher;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        var thread = new Thread(task, "workerfarm-pool");
        thread.setDaemon(true);
        return thread;
    });

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
        return call(
                type.name(),
                queue(type.queue()),
                Arguments.positional(args),
                Map.of(),
                value -> Arguments.result(type, value));
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
        return call(task, queue, args, kwargs, value -> value);
    }

    /**
     * Publishes a task whose result nobody waits for.
     *
     * @param queue a queue's literal name
     * @return the task's id, once the broker has confirmed the message
     */
    public AsyncResult<String> publish(
            String task, String queue, List<? extends @Nullable Object> args, Map<String, ?> kwargs) {
        var id = UUID.randomUUID().toString();
        var message = TaskCodec.encode(TaskMessage.of(id, task, args, kwargs, null));
        return new AsyncResult<>(id, dispatcher.publishOnly(queue, message).thenApply(confirmed -> id), threads);
    }

    /**
     * Starts a task, to be joined: what Python spells {@code p = Process(target=f, args=args); p.start()}, with
     * {@link AsyncResult#join()} for {@code p.join()}.
     */
    public <R> AsyncResult<R> start(TaskType<?, R> type, @Nullable Object... args) {
        return applyAsync(type, args);
    }

    /**
     * Runs a task for each item and waits for all: {@code pool.map(f, iterable)}. Results are in the items' order.
     *
     * @param items each the sole argument of its call, or an argument record
     * @throws dev.workerfarm.error.TaskFailedException the first failure by index; what was not started is cancelled
     */
    public <R> List<R> map(TaskType<?, R> type, Iterable<?> items) {
        return map(type, items, MapOptions.DEFAULT);
    }

    /** As {@link #map(TaskType, Iterable)}, with options. */
    public <R> List<R> map(TaskType<?, R> type, Iterable<?> items, MapOptions options) {
        return collect(
                type.name(),
                queue(type.queue()),
                each(items),
                size(items),
                options,
                value -> Arguments.result(type, value));
    }

    /** As {@link #map(TaskType, Iterable)}, by name. */
    public List<@Nullable Object> map(String task, Iterable<?> items) {
        return collect(task, queueOf(task), each(items), size(items), MapOptions.DEFAULT, value -> value);
    }

    /** Runs a task for each list of arguments and waits for all: {@code pool.starmap(f, iterable)}. */
    public <R> List<R> starmap(TaskType<?, R> type, Iterable<? extends List<?>> argLists) {
        return starmap(type, argLists, MapOptions.DEFAULT);
    }

    /** As {@link #starmap(TaskType, Iterable)}, with options. */
    public <R> List<R> starmap(TaskType<?, R> type, Iterable<? extends List<?>> argLists, MapOptions options) {
        return collect(
                type.name(),
                queue(type.queue()),
                argLists.iterator(),
                size(argLists),
                options,
                value -> Arguments.result(type, value));
    }

    /** As {@link #starmap(TaskType, Iterable)}, by name. */
    public List<@Nullable Object> starmap(String task, Iterable<? extends List<?>> argLists) {
        return collect(task, queueOf(task), argLists.iterator(), size(argLists), MapOptions.DEFAULT, value -> value);
    }

    /** Runs a task for each item and does not wait: {@code pool.map_async(f, iterable)}. */
    public <R> AsyncResult<List<R>> mapAsync(TaskType<?, R> type, Iterable<?> items) {
        return mapAsync(type, items, MapOptions.DEFAULT);
    }

    /** As {@link #mapAsync(TaskType, Iterable)}, with options. */
    public <R> AsyncResult<List<R>> mapAsync(TaskType<?, R> type, Iterable<?> items, MapOptions options) {
        var future = CompletableFuture.supplyAsync(() -> map(type, items, options), threads);
        return new AsyncResult<>("map of " + type.name(), future, threads);
    }

    /**
     * Runs a task for each list of arguments and gives each item's outcome, in order, none of them thrown. Lazy: holds a
     * window of the input, which may be endless. Close it to stop early.
     *
     * @param queue a queue's literal name
     */
    public Outcomes outcomes(String task, String queue, Iterator<? extends List<?>> argLists, MapOptions options) {
        return outcomes(task, queue, argLists, -1, options);
    }

    /**
     * As {@link #outcomes(String, String, Iterator, MapOptions)}, of a known number of items, which are then spread over
     * the workers.
     *
     * @param total how many items there are, or -1: unknown
     */
    public Outcomes outcomes(
            String task, String queue, Iterator<? extends List<?>> argLists, long total, MapOptions options) {
        return new Outcomes(run(task, queue, argLists, total, options));
    }

    /** The literal name of the queue that the named task is published to by default. */
    public String queueOf(String task) {
        return queue(BuiltIn.queueOf(task));
    }

    /** How many workers consume a queue now. */
    public int workers(String queue) {
        return dispatcher.consumers(queue);
    }

    /** Closes the connections and removes the reply queue. Results still awaited fail; tasks already published still run. */
    @Override
    public void close() {
        dispatcher.close();
        threads.shutdown();
    }

    private <R> AsyncResult<R> call(
            String task,
            String queue,
            List<? extends @Nullable Object> args,
            Map<String, ?> kwargs,
            Function<@Nullable Object, R> convert) {
        var id = UUID.randomUUID().toString();
        var message = TaskCodec.encode(TaskMessage.of(id, task, args, kwargs, dispatcher.replyQueue()));
        var future = dispatcher
                .dispatch(id, queue, message)
                .thenApply(outcome -> convert.apply(Failures.valueOf(id, outcome)));
        return new AsyncResult<>(id, future, threads);
    }

    private <R> List<R> collect(
            String task,
            String queue,
            Iterator<? extends List<?>> argLists,
            long total,
            MapOptions options,
            Function<@Nullable Object, R> convert) {
        List<R> results = total < 0 ? new ArrayList<>() : new ArrayList<>((int) total);
        try (var run = run(task, queue, argLists, total, options)) {
            while (run.hasNext()) {
                results.add(convert.apply(run.next().value()));
            }
        }
        return results;
    }

    private MapRun run(
            String task, String queue, Iterator<? extends List<?>> argLists, long total, MapOptions options) {
        var target = options.queue() == null ? queue : options.queue();
        // A download is long and runs beside others: one a message, so that all downloaders share them.
        var oneByOne = options.chunkSize() == 0 && target.equals(queue(TaskQueue.DOWNLOADS));
        var plan = new MapRun.Plan(
                UUID.randomUUID().toString(),
                task,
                target,
                oneByOne ? 1 : options.chunkSize(),
                dispatcher.consumers(target),
                total,
                options.timeout());
        return new MapRun(dispatcher, plan, argLists);
    }

    private String queue(TaskQueue queue) {
        return config.names().of(queue);
    }

    private static Iterator<List<?>> each(Iterable<?> items) {
        var iterator = items.iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return iterator.hasNext();
            }

            @Override
            public List<?> next() {
                return Arguments.positional(iterator.next());
            }
        };
    }

    private static long size(Iterable<?> items) {
        return items instanceof Collection<?> collection ? collection.size() : -1;
    }
}
