package dev.workerfarm.pool;

import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.error.PoolFailedException;
import dev.workerfarm.error.ResultTimeoutException;
import dev.workerfarm.pool.transport.BrokerTransport;
import dev.workerfarm.task.TaskType;
import dev.workerfarm.wire.Arguments;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
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
 *
 * <p>Should a thread that the pool cannot work without end by a fault, all pending results fail with a
 * {@link PoolFailedException} that names the thread, and the pool is closed.
 */
public final class Pool implements AutoCloseable {
    private final QueueNames names;
    private final Calls calls;

    private Pool(PoolConfig config) {
        this.names = config.names();
        this.calls = new Calls(config, listener -> new BrokerTransport(config.broker(), config.names(), listener));
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
        return calls.one(callee(type), CallOptions.DEFAULT, Arguments.positional(args), Map.of());
    }

    /** As {@link #applyAsync(TaskType, Object...)}, later, for a while only, on another queue, or with retries. */
    public <R> AsyncResult<R> applyAsync(TaskType<?, R> type, CallOptions options, @Nullable Object... args) {
        return calls.one(callee(type), options, Arguments.positional(args), Map.of());
    }

    /** As {@link #applyAsync(TaskType, Object...)}, by name. */
    public AsyncResult<@Nullable Object> applyAsync(String task, @Nullable Object... args) {
        return calls.one(callee(task), CallOptions.DEFAULT, Arguments.positional(args), Map.of());
    }

    /**
     * As {@link #applyAsync(String, Object...)}, with keyword arguments and a queue of the caller's choice.
     *
     * @param queue a queue's literal name
     */
    public AsyncResult<@Nullable Object> applyAsync(
            String task, String queue, List<? extends @Nullable Object> args, Map<String, ?> kwargs) {
        return applyAsync(task, CallOptions.DEFAULT.withQueue(queue), args, kwargs);
    }

    /** As {@link #applyAsync(String, Object...)}, with keyword arguments and options. */
    public AsyncResult<@Nullable Object> applyAsync(
            String task, CallOptions options, List<? extends @Nullable Object> args, Map<String, ?> kwargs) {
        return calls.one(callee(task), options, args, kwargs);
    }

    /**
     * Publishes a task whose result nobody waits for.
     *
     * @param queue a queue's literal name
     * @return the task's id, once the broker has confirmed the message; cannot be cancelled
     */
    public AsyncResult<String> publish(
            String task, String queue, List<? extends @Nullable Object> args, Map<String, ?> kwargs) {
        return publish(task, CallOptions.DEFAULT.withQueue(queue), args, kwargs);
    }

    /** As {@link #publish(String, String, List, Map)}, with options. */
    public AsyncResult<String> publish(
            String task, CallOptions options, List<? extends @Nullable Object> args, Map<String, ?> kwargs) {
        return calls.oneUnanswered(callee(task), options, args, kwargs, false);
    }

    /**
     * As {@link #publish(String, CallOptions, List, Map)}, and the worker is asked to keep the outcome in Redis for a day, where
     * {@link dev.workerfarm.redis.StoredResults} finds it. Best effort: while Redis is away outcomes are not stored.
     */
    public AsyncResult<String> publishStoring(
            String task, CallOptions options, List<? extends @Nullable Object> args, Map<String, ?> kwargs) {
        return calls.oneUnanswered(callee(task), options, args, kwargs, true);
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
        return calls.allResults(callee(type), MapInput.each(items), options);
    }

    /** As {@link #map(TaskType, Iterable)}, by name. */
    public List<@Nullable Object> map(String task, Iterable<?> items) {
        return map(task, items, MapOptions.DEFAULT);
    }

    /** As {@link #map(TaskType, Iterable, MapOptions)}, by name. */
    public List<@Nullable Object> map(String task, Iterable<?> items, MapOptions options) {
        return calls.allResults(callee(task), MapInput.each(items), options);
    }

    /** Runs a task for each list of arguments and waits for all: {@code pool.starmap(f, iterable)}. */
    public <R> List<R> starmap(TaskType<?, R> type, Iterable<? extends List<?>> argLists) {
        return starmap(type, argLists, MapOptions.DEFAULT);
    }

    /** As {@link #starmap(TaskType, Iterable)}, with options. */
    public <R> List<R> starmap(TaskType<?, R> type, Iterable<? extends List<?>> argLists, MapOptions options) {
        return calls.allResults(callee(type), MapInput.of(argLists), options);
    }

    /** As {@link #starmap(TaskType, Iterable)}, by name. */
    public List<@Nullable Object> starmap(String task, Iterable<? extends List<?>> argLists) {
        return starmap(task, argLists, MapOptions.DEFAULT);
    }

    /** As {@link #starmap(TaskType, Iterable, MapOptions)}, by name. */
    public List<@Nullable Object> starmap(String task, Iterable<? extends List<?>> argLists, MapOptions options) {
        return calls.allResults(callee(task), MapInput.of(argLists), options);
    }

    /** Runs a task for each item and does not wait: {@code pool.map_async(f, iterable)}. */
    public <R> AsyncResult<List<R>> mapAsync(TaskType<?, R> type, Iterable<?> items) {
        return mapAsync(type, items, MapOptions.DEFAULT);
    }

    /** As {@link #mapAsync(TaskType, Iterable)}, with options. */
    public <R> AsyncResult<List<R>> mapAsync(TaskType<?, R> type, Iterable<?> items, MapOptions options) {
        return calls.allResultsLater(callee(type), MapInput.each(items), options);
    }

    /** As {@link #mapAsync(TaskType, Iterable)}, by name. */
    public AsyncResult<List<@Nullable Object>> mapAsync(String task, Iterable<?> items) {
        return mapAsync(task, items, MapOptions.DEFAULT);
    }

    /** As {@link #mapAsync(TaskType, Iterable, MapOptions)}, by name. */
    public AsyncResult<List<@Nullable Object>> mapAsync(String task, Iterable<?> items, MapOptions options) {
        return calls.allResultsLater(callee(task), MapInput.each(items), options);
    }

    /** Runs a task for each list of arguments and does not wait: {@code pool.starmap_async(f, iterable)}. */
    public <R> AsyncResult<List<R>> starmapAsync(TaskType<?, R> type, Iterable<? extends List<?>> argLists) {
        return starmapAsync(type, argLists, MapOptions.DEFAULT);
    }

    /** As {@link #starmapAsync(TaskType, Iterable)}, with options. */
    public <R> AsyncResult<List<R>> starmapAsync(
            TaskType<?, R> type, Iterable<? extends List<?>> argLists, MapOptions options) {
        return calls.allResultsLater(callee(type), MapInput.of(argLists), options);
    }

    /** As {@link #starmapAsync(TaskType, Iterable)}, by name. */
    public AsyncResult<List<@Nullable Object>> starmapAsync(String task, Iterable<? extends List<?>> argLists) {
        return starmapAsync(task, argLists, MapOptions.DEFAULT);
    }

    /** As {@link #starmapAsync(TaskType, Iterable, MapOptions)}, by name. */
    public AsyncResult<List<@Nullable Object>> starmapAsync(
            String task, Iterable<? extends List<?>> argLists, MapOptions options) {
        return calls.allResultsLater(callee(task), MapInput.of(argLists), options);
    }

    /**
     * Runs a task for each item; results come one by one, in the items' order: {@code pool.imap(f, iterable)}. Lazy: the
     * input is read ahead by a window and no further, on a thread of its own, and may be endless.
     *
     * <p>What is beyond the window waits until results are taken, and so does {@link #join()}: where Python's collects all
     * results in memory, take them before, or beside it.
     *
     * @param items each the sole argument of its call, or an argument record; for a stream, its iterator
     */
    public <R> Results<R> imap(TaskType<?, R> type, Iterator<?> items) {
        return imap(type, items, MapOptions.DEFAULT);
    }

    /** As {@link #imap(TaskType, Iterator)}, with options. */
    public <R> Results<R> imap(TaskType<?, R> type, Iterator<?> items, MapOptions options) {
        return calls.results(callee(type), MapInput.each(items), true, options);
    }

    /** As {@link #imap(TaskType, Iterator)}, by name. */
    public Results<@Nullable Object> imap(String task, Iterator<?> items) {
        return imap(task, items, MapOptions.DEFAULT);
    }

    /** As {@link #imap(TaskType, Iterator, MapOptions)}, by name. */
    public Results<@Nullable Object> imap(String task, Iterator<?> items, MapOptions options) {
        return calls.results(callee(task), MapInput.each(items), true, options);
    }

    /** As {@link #imap(TaskType, Iterator)}, of a collection, whose items are spread over the workers. */
    public <R> Results<R> imap(TaskType<?, R> type, Iterable<?> items) {
        return imap(type, items, MapOptions.DEFAULT);
    }

    /** As {@link #imap(TaskType, Iterable)}, with options. */
    public <R> Results<R> imap(TaskType<?, R> type, Iterable<?> items, MapOptions options) {
        return calls.results(callee(type), MapInput.each(items), true, options);
    }

    /** As {@link #imap(TaskType, Iterable)}, by name. */
    public Results<@Nullable Object> imap(String task, Iterable<?> items) {
        return imap(task, items, MapOptions.DEFAULT);
    }

    /** As {@link #imap(TaskType, Iterable, MapOptions)}, by name. */
    public Results<@Nullable Object> imap(String task, Iterable<?> items, MapOptions options) {
        return calls.results(callee(task), MapInput.each(items), true, options);
    }

    /** As {@link #imap(TaskType, Iterator)}, results coming as they end: {@code pool.imap_unordered(f, iterable)}. */
    public <R> Results<R> imapUnordered(TaskType<?, R> type, Iterator<?> items) {
        return imapUnordered(type, items, MapOptions.DEFAULT);
    }

    /** As {@link #imapUnordered(TaskType, Iterator)}, with options. */
    public <R> Results<R> imapUnordered(TaskType<?, R> type, Iterator<?> items, MapOptions options) {
        return calls.results(callee(type), MapInput.each(items), false, options);
    }

    /** As {@link #imapUnordered(TaskType, Iterator)}, by name. */
    public Results<@Nullable Object> imapUnordered(String task, Iterator<?> items) {
        return imapUnordered(task, items, MapOptions.DEFAULT);
    }

    /** As {@link #imapUnordered(TaskType, Iterator, MapOptions)}, by name. */
    public Results<@Nullable Object> imapUnordered(String task, Iterator<?> items, MapOptions options) {
        return calls.results(callee(task), MapInput.each(items), false, options);
    }

    /** As {@link #imapUnordered(TaskType, Iterator)}, of a collection, whose items are spread over the workers. */
    public <R> Results<R> imapUnordered(TaskType<?, R> type, Iterable<?> items) {
        return imapUnordered(type, items, MapOptions.DEFAULT);
    }

    /** As {@link #imapUnordered(TaskType, Iterable)}, with options. */
    public <R> Results<R> imapUnordered(TaskType<?, R> type, Iterable<?> items, MapOptions options) {
        return calls.results(callee(type), MapInput.each(items), false, options);
    }

    /** As {@link #imapUnordered(TaskType, Iterable)}, by name. */
    public Results<@Nullable Object> imapUnordered(String task, Iterable<?> items) {
        return imapUnordered(task, items, MapOptions.DEFAULT);
    }

    /** As {@link #imapUnordered(TaskType, Iterable, MapOptions)}, by name. */
    public Results<@Nullable Object> imapUnordered(String task, Iterable<?> items, MapOptions options) {
        return calls.results(callee(task), MapInput.each(items), false, options);
    }

    /** Runs a task for each item, waits for all and gives each one's outcome, in the items' order, none of them thrown. */
    public <R> List<ItemOutcome<R>> mapOutcomes(TaskType<?, R> type, Iterable<?> items) {
        return mapOutcomes(type, items, MapOptions.DEFAULT);
    }

    /** As {@link #mapOutcomes(TaskType, Iterable)}, with options. */
    public <R> List<ItemOutcome<R>> mapOutcomes(TaskType<?, R> type, Iterable<?> items, MapOptions options) {
        return calls.allOutcomes(callee(type), MapInput.each(items), options);
    }

    /** As {@link #mapOutcomes(TaskType, Iterable)}, by name. */
    public List<ItemOutcome<@Nullable Object>> mapOutcomes(String task, Iterable<?> items) {
        return mapOutcomes(task, items, MapOptions.DEFAULT);
    }

    /** As {@link #mapOutcomes(TaskType, Iterable, MapOptions)}, by name. */
    public List<ItemOutcome<@Nullable Object>> mapOutcomes(String task, Iterable<?> items, MapOptions options) {
        return calls.allOutcomes(callee(task), MapInput.each(items), options);
    }

    /** As {@link #mapOutcomes(TaskType, Iterable)}, for each list of arguments. */
    public <R> List<ItemOutcome<R>> starmapOutcomes(TaskType<?, R> type, Iterable<? extends List<?>> argLists) {
        return starmapOutcomes(type, argLists, MapOptions.DEFAULT);
    }

    /** As {@link #starmapOutcomes(TaskType, Iterable)}, with options. */
    public <R> List<ItemOutcome<R>> starmapOutcomes(
            TaskType<?, R> type, Iterable<? extends List<?>> argLists, MapOptions options) {
        return calls.allOutcomes(callee(type), MapInput.of(argLists), options);
    }

    /** As {@link #starmapOutcomes(TaskType, Iterable)}, by name. */
    public List<ItemOutcome<@Nullable Object>> starmapOutcomes(String task, Iterable<? extends List<?>> argLists) {
        return starmapOutcomes(task, argLists, MapOptions.DEFAULT);
    }

    /** As {@link #starmapOutcomes(TaskType, Iterable, MapOptions)}, by name. */
    public List<ItemOutcome<@Nullable Object>> starmapOutcomes(
            String task, Iterable<? extends List<?>> argLists, MapOptions options) {
        return calls.allOutcomes(callee(task), MapInput.of(argLists), options);
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
        return calls.outcomes(Callee.named(task, queue), new MapInput(argLists, total), true, options);
    }

    /** The literal name of the queue that the named task is published to by default. */
    public String queueOf(String task) {
        return callee(task).queue();
    }

    /** How many workers consume a queue now. */
    public int workers(String queue) {
        return calls.consumers(queue);
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
        calls.close();
    }

    /**
     * Fails all pending calls with a {@link dev.workerfarm.error.PoolFailedException}, and closes. For a program that knows that
     * no answer will come, such as a farm whose workers have ended.
     *
     * @param loop the part that has ended, for the exception's text
     */
    public void fail(String loop, Throwable fault) {
        calls.died(loop, fault);
    }

    /**
     * Ends at once: what has not begun is cancelled as by {@link AsyncResult#cancel()}, whoever waits gets a
     * {@link dev.workerfarm.error.TaskCancelledException}, and the connections close: Python's {@code Pool.terminate()}.
     */
    public void terminate() {
        calls.terminate();
    }

    /**
     * Waits until a closed pool's last call has ended and its connections are closed: Python's {@code Pool.join()}.
     * An {@code imap} that nobody reads has not ended while its input exceeds the window: read it first.
     *
     * @throws IllegalStateException if neither {@link #close()} nor {@link #terminate()} came before, as Python raises
     *     ValueError
     */
    public void join() {
        join(ChronoUnit.FOREVER.getDuration());
    }

    /**
     * As {@link #join()}, no longer than {@code timeout}.
     *
     * @return false if the timeout came first
     * @throws ResultTimeoutException if the thread was interrupted
     */
    public boolean join(Duration timeout) {
        return calls.join(timeout);
    }

    private <R> Callee<R> callee(TaskType<?, R> type) {
        return Callee.of(type, names);
    }

    private Callee<@Nullable Object> callee(String task) {
        return Callee.named(task, names);
    }
}
