package dev.workerfarm.pool;

import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.error.PoolFailedException;
import dev.workerfarm.pool.transport.BrokerTransport;
import dev.workerfarm.task.TaskType;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Python's {@code multiprocessing.Pool} over a broker: the calls of its documentation page ("Process Pools"), with
 * workers that may be anywhere.
 *
 * <pre>{@code
 * try (Pool pool = Pool.fromEnvironment()) {
 *     List<Number> squares = pool.map(Square.TYPE, List.of(1, 2, 3, 4, 5)); // [1, 4, 9, 16, 25]
 * }
 * }</pre>
 *
 * <p>Here are Python's calls, each for a task by its type. {@link #task(TaskType)} gives a handle with options, such as a
 * queue, a countdown or a chunk size; {@link #task(String)} calls a task by its name. Arguments are given by position, or
 * as the argument record of the task's type.
 *
 * <p>Threads may share it. Where SLF4J's MDC of the calling thread has a {@code traceparent} (W3C's Trace Context), it goes
 * with the tasks. If a thread that the pool cannot work without ends by a fault, all pending results fail with a
 * {@link PoolFailedException} that names the thread, and the pool is closed.
 */
public final class Pool implements AutoCloseable {
    private final QueueNames names;
    private final Calls calls;

    private Pool(Builder builder) {
        this.names = new QueueNames(builder.namespace);
        this.calls = new Calls(
                builder.broker.places(),
                names,
                builder.publishTimeout,
                new Callbacks(builder.callbacks),
                listener -> new BrokerTransport(builder.broker, names, listener));
    }

    /**
     * Connects to the broker of {@code FARM_AMQP_URL} and the farm {@code FARM_NAMESPACE}, as {@link Builder#environment}
     * reads them.
     *
     * @throws IllegalArgumentException naming the variable and what is wrong with it
     * @throws dev.workerfarm.error.BrokerUnreachableException within 10 s if the broker is not there
     */
    public static Pool fromEnvironment() {
        return builder().environment(System.getenv()).connect();
    }

    /** A pool with settings of the caller's. Reads no variables unless it is told to. */
    public static Builder builder() {
        return new Builder();
    }

    /** The settings of a pool. One thread at a time. */
    public static final class Builder {
        private static final Duration PUBLISH_TIMEOUT = Duration.ofSeconds(60);

        private BrokerAddress broker = BrokerAddress.from(Map.of());
        private String namespace = QueueNames.DEFAULT_NAMESPACE;
        private Duration publishTimeout = PUBLISH_TIMEOUT;
        private @Nullable Executor callbacks;

        private Builder() {}

        /**
         * The broker's URL, {@code amqp://user:password@host:port/vhost}; {@code amqps} is TLS, hosts may be several. By
         * default {@code amqp://guest:guest@127.0.0.1:5672/}.
         *
         * @throws IllegalArgumentException saying what is wrong with it
         */
        public Builder broker(String url) {
            try {
                this.broker = BrokerAddress.parse(Objects.requireNonNull(url, "url"));
                return this;
            } catch (IllegalArgumentException e) { // it names the variable
                var text = String.valueOf(e.getMessage()).replace(BrokerAddress.VARIABLE, "broker(url)");
                throw new IllegalArgumentException(text, e);
            }
        }

        /** The farm's name, which its queues begin with: {@code farm} by default. */
        public Builder namespace(String namespace) {
            this.namespace = Objects.requireNonNull(namespace, "namespace");
            return this;
        }

        /**
         * Reads {@code FARM_AMQP_URL}, the TLS variables beside it, and {@code FARM_NAMESPACE} from these variables.
         *
         * @throws IllegalArgumentException naming the variable and what is wrong with it
         */
        public Builder environment(Map<String, String> variables) {
            this.broker = BrokerAddress.from(Objects.requireNonNull(variables, "variables"));
            this.namespace = variables.getOrDefault("FARM_NAMESPACE", QueueNames.DEFAULT_NAMESPACE);
            return this;
        }

        /**
         * How long a single call may wait for a broker that takes no messages, as it is away or blocks publishers (a memory
         * or disk alarm); then it fails with a {@link dev.workerfarm.error.PublishTimeoutException}. 60 s by default. A map
         * waits until the broker takes messages again.
         */
        public Builder publishTimeout(Duration timeout) {
            this.publishTimeout = Objects.requireNonNull(timeout, "timeout");
            return this;
        }

        /**
         * Where callbacks and progress listeners run, and the dependents of {@link AsyncResult#toCompletionStage}. By
         * default one after the other on one thread of the pool's. The executor must not run them on the thread that calls
         * it, which receives the pool's replies.
         */
        public Builder callbacks(Executor executor) {
            this.callbacks = Objects.requireNonNull(executor, "executor");
            return this;
        }

        /**
         * Connects.
         *
         * @throws dev.workerfarm.error.BrokerUnreachableException within 10 s if the broker is not there
         */
        public Pool connect() {
            return new Pool(this);
        }
    }

    /** A handle for calls of a task by its type. */
    public <A, R> TaskCall<A, R> task(TaskType<A, R> type) {
        return new TaskCall<>(calls, Callee.of(type, names), CallSettings.DEFAULT);
    }

    /** A handle for calls of a task by its name. */
    public NamedCall task(String name) {
        return new NamedCall(calls, Callee.named(name, names), CallSettings.DEFAULT);
    }

    /** Runs a task and waits for its result: {@code pool.apply(f, args)}. Throws as {@link AsyncResult#get()}. */
    public <R> R apply(TaskType<?, R> type, @Nullable Object... args) {
        return task(type).apply(args);
    }

    /** Runs a task and does not wait: {@code pool.apply_async(f, args)}. As {@link Call#applyAsync}. */
    public <R> AsyncResult<R> applyAsync(TaskType<?, R> type, @Nullable Object... args) {
        return task(type).applyAsync(args);
    }

    /**
     * Starts a task, to be joined: Python's {@code p = Process(target=f, args=args); p.start()}. {@link AsyncResult#join()} is
     * {@code p.join()}. {@link AsyncResult#ready()} is the opposite of {@code p.is_alive()}. {@link AsyncResult#cancel()} is
     * {@code p.terminate()}, but ends only a task that has not begun.
     */
    public <R> AsyncResult<R> start(TaskType<?, R> type, @Nullable Object... args) {
        return applyAsync(type, args);
    }

    /**
     * Runs a task for each item and waits for all: {@code pool.map(f, iterable)}. Results are in the items' order.
     *
     * @param items each the sole argument of its call, or the argument record of the task's type
     * @throws dev.workerfarm.error.TaskFailedException the first failure by index; what has not begun is cancelled
     * @throws dev.workerfarm.error.CallInterruptedException if the thread was interrupted; what has not begun is cancelled
     */
    public <R> List<R> map(TaskType<?, R> type, Iterable<?> items) {
        return task(type).map(items);
    }

    /** As {@link #map}, not waited for: {@code pool.map_async(f, iterable)}. */
    public <R> AsyncResult<List<R>> mapAsync(TaskType<?, R> type, Iterable<?> items) {
        return task(type).mapAsync(items);
    }

    /** Runs a task for each list of arguments and waits for all: {@code pool.starmap(f, iterable)}. */
    public <R> List<R> starmap(TaskType<?, R> type, Iterable<? extends List<?>> argLists) {
        return task(type).starmap(argLists);
    }

    /** As {@link #starmap}, not waited for: {@code pool.starmap_async(f, iterable)}. */
    public <R> AsyncResult<List<R>> starmapAsync(TaskType<?, R> type, Iterable<? extends List<?>> argLists) {
        return task(type).starmapAsync(argLists);
    }

    /**
     * Runs a task for each item; results come one by one, in the items' order: {@code pool.imap(f, iterable)}. Lazy: the
     * input is read ahead by a window and no further, on a thread of its own, and may be endless. The size of a
     * {@link java.util.Collection} is known, and its items are spread over the workers.
     *
     * <p>Items beyond the window wait until results are taken, or until somebody waits in {@link #join()}: then the input is
     * taken to its end, and results stay in memory until they are taken, as Python's do.
     *
     * @param items each the sole argument of its call, or the argument record of the task's type; for a stream {@code
     *     stream::iterator}
     */
    public <T, R> Results<R> imap(TaskType<?, R> type, Iterable<T> items) {
        return task(type).imap(items);
    }

    /** As {@link #imap}, results as the items end: {@code pool.imap_unordered(f, iterable)}. */
    public <T, R> Results<R> imapUnordered(TaskType<?, R> type, Iterable<T> items) {
        return task(type).imapUnordered(items);
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
     * Fails all pending calls with a {@link PoolFailedException}, and closes. For a program that knows that no answer will
     * come, such as a farm whose workers have ended.
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
     * The input of an {@code imap} is taken to its end, so join no pool with an endless one.
     *
     * @throws IllegalStateException if neither {@link #close()} nor {@link #terminate()} came before, as Python raises
     *     ValueError
     * @throws dev.workerfarm.error.CallInterruptedException if the thread was interrupted
     */
    public void join() {
        join(ChronoUnit.FOREVER.getDuration());
    }

    /** As {@link #join()}, no longer than {@code timeout}; false if the timeout came first. */
    public boolean join(Duration timeout) {
        return calls.join(timeout);
    }
}
