package dev.workerfarm.pool;

import dev.workerfarm.pool.map.ProgressListener;
import dev.workerfarm.task.RetryPolicy;
import dev.workerfarm.task.TimeLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A task of a pool and how it is called: after the options come the calls of Python's {@code multiprocessing.Pool}.
 * Immutable: each option returns a copy. Threads may share it.
 *
 * @param <R> the result
 * @param <C> the handle's own class
 */
public abstract sealed class Call<R, C extends Call<R, C>> permits TaskCall, NamedCall {
    final Calls calls;
    final Callee<R> callee;
    final CallSettings settings;

    Call(Calls calls, Callee<R> callee, CallSettings settings) {
        this.calls = calls;
        this.callee = callee;
        this.settings = settings;
    }

    abstract C copy(CallSettings settings);

    final C with(Consumer<CallSettings> change) {
        return copy(settings.with(change));
    }

    /** Publishes to another queue than the task's own; an IllegalArgumentException if the name is empty. */
    public final C queue(String literalName) {
        Objects.requireNonNull(literalName, "queue");
        if (literalName.isEmpty()) {
            throw new IllegalArgumentException("a queue's name has 1 to 255 bytes");
        }
        return with(copy -> copy.queue = literalName);
    }

    /**
     * Delays the start by this time, 0 to a year. The broker keeps the message until then, on RabbitMQ to the second. Takes
     * the place of {@link #eta}.
     */
    public final C countdown(Duration countdown) {
        RetryPolicy.requireWait("countdown", countdown);
        return with(copy -> {
            copy.countdown = countdown;
            copy.eta = null;
        });
    }

    /** Starts not before this instant, in a year at the latest. Takes the place of {@link #countdown}. */
    public final C eta(Instant eta) {
        var now = Instant.now();
        RetryPolicy.requireWait("eta", Duration.between(now, eta.isBefore(now) ? now : eta));
        return with(copy -> {
            copy.eta = eta.isBefore(Instant.EPOCH) ? Instant.EPOCH : eta;
            copy.countdown = null;
        });
    }

    /** Fails with {@code TaskRevokedError} if the task has not begun this long after the call; 0 to a year. */
    public final C expires(Duration expires) {
        RetryPolicy.requireWait("expires", expires);
        return with(copy -> copy.expires = expires);
    }

    /** When a failed run is repeated, whatever the task's type says. A map then sends one item a message. */
    public final C retry(RetryPolicy retry) {
        Objects.requireNonNull(retry, "retry");
        return with(copy -> copy.retry = retry);
    }

    /** How long one run may take. A limit that is missing here is that of the task's type. */
    public final C limits(TimeLimits limits) {
        Objects.requireNonNull(limits, "limits");
        return with(copy -> copy.limits = limits);
    }

    /**
     * How long {@link #apply} waits for the result, and a map as a whole for its results, from its start on; then they throw
     * a {@link dev.workerfarm.error.ResultTimeoutException}. By default, or with null, there is no limit. Without effect on
     * {@link #applyAsync} and {@link #publish}, which do not wait.
     */
    public final C timeout(@Nullable Duration timeout) {
        if (timeout != null && timeout.isNegative()) {
            throw new IllegalArgumentException("timeout is 0 or more, not " + timeout);
        }
        return with(copy -> copy.timeout = timeout);
    }

    /**
     * The worker keeps the outcome in Redis for a day, where {@code FarmAdmin} finds it by the task's id. Best effort: while
     * Redis is away nothing is stored. Not for maps.
     */
    public final C storing() {
        return with(copy -> copy.storing = true);
    }

    /**
     * How many items of a map go into a message; 0, the default: sized from measured run time, and cut by a worker that runs it
     * for long while others are idle. The items of a message with a size of yours run one after the other. Python's {@code chunksize}. Without effect on single calls, and on maps whose items are run again.
     */
    public final C chunkSize(int items) {
        requireCount("chunkSize", items);
        return with(copy -> copy.chunkSize = items);
    }

    /**
     * Sends whole numbers of a map as JSON too, as all other values: for people who read its messages in RabbitMQ, and workers of
     * version 0.1. Slower. Without effect on single calls.
     */
    public final C asJson() {
        return with(copy -> copy.asJson = true);
    }

    /**
     * How many messages of a map may be published and not yet read by the caller: the input is read that far ahead. Of a map
     * whose results come together, how many may be published and not answered. 0, the default: four for each worker, 64 or
     * more; and while an item keeps the caller waiting, quick items up to as many full messages. Fewer while results that nobody
     * has read take a quarter of the heap. Without effect on single calls.
     */
    public final C window(int messages) {
        requireCount("window", messages);
        return with(copy -> copy.window = messages);
    }

    /** Reports how many items of a map have ended, where the pool's callbacks run. Without effect on single calls. */
    public final C progress(ProgressListener progress) {
        Objects.requireNonNull(progress, "progress");
        return with(copy -> copy.progress = progress);
    }

    /**
     * Runs the task and waits for its result: {@code pool.apply(f, args)}. Throws as {@link AsyncResult#get()}. On the thread of a
     * task of the lane that would run it, it throws {@link dev.workerfarm.error.NestedCallRefused}, and so do all calls that wait.
     */
    public final R apply(@Nullable Object... args) {
        requireWait();
        return result(applyAsync(args));
    }

    /**
     * Runs the task and does not wait: {@code pool.apply_async(f, args)}.
     *
     * @param args the arguments by position, or the argument record of the task's type
     * @throws dev.workerfarm.error.EncodeException if an argument is not a JSON value
     * @throws dev.workerfarm.error.PublishTimeoutException if the broker takes no messages
     * @throws IllegalStateException if the pool was closed
     */
    public final AsyncResult<R> applyAsync(@Nullable Object... args) {
        return calls.one(callee, settings, callee.arguments(args));
    }

    /**
     * Publishes the task and asks for no reply.
     *
     * @return the task's id, once the broker has confirmed the message; cannot be cancelled
     */
    public final AsyncResult<String> publish(@Nullable Object... args) {
        return calls.oneUnanswered(callee, settings, callee.arguments(args));
    }

    /** Runs the task for each item and waits for all: {@code pool.map(f, iterable)}. As {@link Pool#map}. */
    public final List<R> map(Iterable<?> items) {
        return calls.allResults(callee, MapInput.each(callee, items), settings);
    }

    /** As {@link #map}, not waited for: {@code pool.map_async(f, iterable)}. */
    public final AsyncResult<List<R>> mapAsync(Iterable<?> items) {
        return calls.allResultsLater(callee, MapInput.each(callee, items), settings);
    }

    /** Runs the task for each list of arguments and waits for all: {@code pool.starmap(f, iterable)}. */
    public final List<R> starmap(Iterable<? extends List<?>> argLists) {
        return calls.allResults(callee, MapInput.of(callee, argLists), settings);
    }

    /** As {@link #starmap}, not waited for: {@code pool.starmap_async(f, iterable)}. */
    public final AsyncResult<List<R>> starmapAsync(Iterable<? extends List<?>> argLists) {
        return calls.allResultsLater(callee, MapInput.of(callee, argLists), settings);
    }

    /** Results one by one, in the items' order: {@code pool.imap(f, iterable)}. As {@link Pool#imap}. */
    public final <T> Results<R> imap(Iterable<T> items) {
        return calls.results(callee, MapInput.each(callee, items), true, settings);
    }

    /** As {@link #imap}, results as the items end: {@code pool.imap_unordered(f, iterable)}. */
    public final <T> Results<R> imapUnordered(Iterable<T> items) {
        return calls.results(callee, MapInput.each(callee, items), false, settings);
    }

    /** The outcome of each item, in the items' order, none of them thrown. Lazy as {@link #imap}. */
    public final Outcomes<R> outcomes(Iterable<?> items) {
        return calls.outcomes(callee, MapInput.each(callee, items), true, settings);
    }

    /** As {@link #outcomes}, for each list of arguments. */
    public final Outcomes<R> starOutcomes(Iterable<? extends List<?>> argLists) {
        return calls.outcomes(callee, MapInput.of(callee, argLists), true, settings);
    }

    /** The literal name of the queue that calls are published to. */
    public final String queueName() {
        return settings.queue(callee);
    }

    /** How many workers consume that queue now, as the broker counts. */
    public final int workers() {
        return calls.consumers(queueName());
    }

    /** Throws NestedCallRefused, before anything is published. */
    final void requireWait() {
        calls.mayWait(queueName()).run();
    }

    final R result(AsyncResult<R> later) {
        return settings.timeout == null ? later.get() : later.get(settings.timeout);
    }

    private static void requireCount(String name, int count) {
        if (count < 0) {
            throw new IllegalArgumentException(name + " is 1 or more, or 0 for automatic, not " + count);
        }
    }
}
