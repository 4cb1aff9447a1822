package dev.workerfarm.pool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.workerfarm.config.Durations;
import dev.workerfarm.error.CallInterruptedException;
import dev.workerfarm.error.FarmException;
import dev.workerfarm.error.ResultTimeoutException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A result that is still to come, after Python's {@code multiprocessing.pool.AsyncResult}. Threads may share it.
 *
 * @param <R> the result
 */
public final class AsyncResult<R> {
    private static final Logger LOG = LoggerFactory.getLogger(AsyncResult.class);

    private static final Duration FOREVER = ChronoUnit.FOREVER.getDuration();

    private final String id;
    private final CompletableFuture<R> future;
    private final Callbacks callbacks;
    private final BooleanSupplier canceller;
    private final Runnable mayWait;

    /** Done when the task has ended and its callbacks so far have run. */
    @GuardedBy("this")
    private CompletableFuture<?> called;

    /**
     * @param canceller cancels the task or map and fails {@code future}; false if it has ended already
     * @param mayWait throws where the present thread must not wait for the result
     */
    AsyncResult(
            String id, CompletableFuture<R> future, Callbacks callbacks, BooleanSupplier canceller, Runnable mayWait) {
        this.id = id;
        this.future = future;
        this.callbacks = callbacks;
        this.canceller = canceller;
        this.mayWait = mayWait;
        this.called = future;
    }

    /** The task's id, or the map's. */
    public String id() {
        return id;
    }

    /**
     * Waits for the result, however long it takes.
     *
     * @throws dev.workerfarm.error.TaskFailedException if the task failed
     * @throws dev.workerfarm.error.TaskCancelledException if it was cancelled, or its pool terminated
     * @throws dev.workerfarm.error.PublishException if it could not be published
     * @throws dev.workerfarm.json.DecodeException if the result is not of the task's type
     * @throws IllegalStateException if the input of a {@code mapAsync} failed; its exception is the cause
     * @throws dev.workerfarm.error.PublishTimeoutException if the broker did not take it in time: {@link
     *     Pool.Builder#publishTimeout}
     * @throws CallInterruptedException if the thread was interrupted; the task may still run
     * @throws dev.workerfarm.error.NestedCallRefused if this thread runs a task of the lane that is to run this one
     */
    public R get() {
        return get(FOREVER);
    }

    /**
     * Waits for the result.
     *
     * @throws ResultTimeoutException if none came in time; it may still come
     * @throws dev.workerfarm.error.TaskFailedException if the task failed
     * @throws CallInterruptedException if the thread was interrupted
     */
    public R get(Duration timeout) {
        if (!await(timeout)) {
            var millis = TimeUnit.NANOSECONDS.toMillis(Durations.nanos(timeout));
            throw new ResultTimeoutException(
                    "no result of " + id + ", or its callbacks did not end, within " + millis + " ms", null);
        }
        try {
            return future.join();
        } catch (CompletionException e) {
            throw raised(e);
        }
    }

    /** Whether the task has ended, well or not, and its callbacks have run. */
    public boolean ready() {
        return ended().isDone();
    }

    /**
     * Whether the task ended well.
     *
     * @throws IllegalStateException if it has not ended, as Python raises ValueError
     */
    public boolean successful() {
        if (!ready()) {
            throw new IllegalStateException("not ready: " + id);
        }
        return !future.isCompletedExceptionally();
    }

    /**
     * Waits until the task has ended, well or not: Python's {@code wait}, a name that Java's Object has taken.
     *
     * @return false if the timeout came first
     * @throws dev.workerfarm.error.NestedCallRefused as {@link #get()}
     */
    public boolean await(Duration timeout) {
        Objects.requireNonNull(timeout, "timeout");
        if (!ready()) {
            mayWait.run();
        }
        try {
            ended().get(Durations.nanos(timeout), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            return true; // ended, not well: get() says how
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CallInterruptedException("interrupted while waiting for " + id, e);
        }
    }

    /** What a reader waits for: the callbacks too, where they are to run before {@link #get} returns. */
    private synchronized CompletableFuture<?> ended() {
        return callbacks.areAwaited() ? called : future;
    }

    /** As {@link #await}: Python's {@code Process.join(timeout)}. */
    public boolean join(Duration timeout) {
        return await(timeout);
    }

    /** Waits until the task has ended, well or not, as {@code Process.join()}; {@link #get} then says how. */
    public void join() {
        await(FOREVER);
    }

    /**
     * Cancels: {@link #get} throws a {@link dev.workerfarm.error.TaskCancelledException} from now on, and a worker that has
     * not begun the task, or an item of the map, does not begin it. What runs already runs on, and nobody waits for it.
     * Workers that are not connected at this moment do not hear of it.
     *
     * @return false if it has ended already
     */
    public boolean cancel() {
        return canceller.getAsBoolean();
    }

    /**
     * Calls {@code callback} with the result if the task succeeds: Python's {@code callback=}. As there, the callbacks of a
     * pool run one after the other on one thread, and before {@link #get} returns: a long one delays the others. If the
     * pool was given an executor, callbacks run there, and {@code get} does not wait for them.
     *
     * @return this
     */
    public AsyncResult<R> callback(Consumer<? super R> callback) {
        Objects.requireNonNull(callback, "callback");
        return whenEnded((result, failed) -> {
            if (failed == null) {
                callback.accept(result);
            }
        });
    }

    /**
     * Calls {@code errorCallback} with the exception that {@link #get} throws if the task does not succeed: Python's
     * {@code error_callback=}. Runs as {@link #callback} does.
     *
     * @return this
     */
    public AsyncResult<R> errorCallback(Consumer<? super RuntimeException> errorCallback) {
        Objects.requireNonNull(errorCallback, "errorCallback");
        return whenEnded((result, failed) -> {
            if (failed != null) {
                errorCallback.accept(raised(failed));
            }
        });
    }

    /**
     * The result as a stage. It completes where the callbacks run, and what depends on it then runs there, after a failure
     * too; what is added later runs on the thread that adds it.
     */
    public CompletionStage<R> toCompletionStage() {
        return future.whenCompleteAsync((result, failed) -> {}, callbacks);
    }

    private static RuntimeException raised(Throwable failed) {
        var cause = failed instanceof CompletionException && failed.getCause() != null ? failed.getCause() : failed;
        // The farm's own exceptions keep their type, so that callers can tell them apart.
        return cause instanceof FarmException known ? known.thrownHere() : new IllegalStateException(cause);
    }

    private synchronized AsyncResult<R> whenEnded(BiConsumer<? super R, ? super @Nullable Throwable> callback) {
        called = called.handle((done, failed) -> null) // after the earlier ones
                .thenRunAsync(() -> future.whenComplete((result, failed) -> run(callback, result, failed)), callbacks)
                .exceptionally(refused -> {
                    LOG.warn("a callback is left out, its executor refuses it id={}", id, refused);
                    return null;
                });
        return this;
    }

    private void run(
            BiConsumer<? super R, ? super @Nullable Throwable> callback, R result, @Nullable Throwable failed) {
        try {
            callback.accept(result, failed);
        } catch (Throwable e) { // the caller's code, Errors too: nobody else sees what it throws
            LOG.warn("callback failed id={}", id, e);
        }
    }
}
