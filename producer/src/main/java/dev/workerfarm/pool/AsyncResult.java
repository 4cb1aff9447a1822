package dev.workerfarm.pool;

import dev.workerfarm.error.FarmException;
import dev.workerfarm.error.ResultTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A result that is still to come, after Python's {@code multiprocessing.pool.AsyncResult}. Threads may share it.
 *
 * @param <R> the result
 */
public final class AsyncResult<R> {
    private final String id;
    private final CompletableFuture<R> future;
    private final Executor callbacks;

    AsyncResult(String id, CompletableFuture<R> future, Executor callbacks) {
        this.id = id;
        this.future = future;
        this.callbacks = callbacks;
    }

    /** The task's id, or the map's. */
    public String id() {
        return id;
    }

    /**
     * Waits for the result, however long it takes.
     *
     * @throws dev.workerfarm.error.TaskFailedException if the task failed
     * @throws dev.workerfarm.error.PublishException if it could not be published
     */
    public R get() {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw raised(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /**
     * Waits for the result.
     *
     * @throws ResultTimeoutException if none came in time; it may still come
     * @throws dev.workerfarm.error.TaskFailedException if the task failed
     */
    public R get(Duration timeout) {
        try {
            return future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new ResultTimeoutException("no result of " + id + " within " + timeout.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            throw raised(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Whether the task has ended, well or not. */
    public boolean ready() {
        return future.isDone();
    }

    /**
     * Whether the task ended well.
     *
     * @throws IllegalStateException if it has not ended, as Python raises ValueError
     */
    public boolean successful() {
        if (!future.isDone()) {
            throw new IllegalStateException("not ready: " + id);
        }
        return !future.isCompletedExceptionally();
    }

    /**
     * Waits until the task has ended, well or not: Python's {@code wait}, a name that Java's Object has taken.
     *
     * @return false if the timeout came first
     */
    public boolean await(Duration timeout) {
        try {
            future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            return true; // ended, not well: get() says how
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
        return true;
    }

    /** Waits until the task has ended, well or not, as {@code Process.join()}; {@link #get} then says how. */
    public void join() {
        while (!await(Duration.ofDays(1))) {
            // a task may take days
        }
    }

    /** The result as a stage; what depends on it runs on a thread of the pool's and may block. */
    public CompletionStage<R> toCompletionStage() {
        return future.thenApplyAsync(result -> result, callbacks);
    }

    private static RuntimeException raised(ExecutionException e) {
        // The farm's own exceptions are thrown as they are, so that callers can tell them apart.
        return e.getCause() instanceof FarmException known ? known : new IllegalStateException(e.getCause());
    }

    private RuntimeException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new ResultTimeoutException("interrupted while waiting for " + id, e);
    }
}
