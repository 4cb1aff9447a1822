package dev.workerfarm.pool;

import dev.workerfarm.loop.Loop;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Where a pool's callbacks run: one after the other on one thread, as with Python's result handler, or on an executor of
 * the caller's. Never shut down, as callbacks may come after the pool's end: the thread is a daemon and ends when it is
 * idle. Threads may share it.
 */
final class Callbacks implements Executor {
    private static final long IDLE_SECONDS = 10;

    private final Executor executor;
    private final boolean oneThread;
    private volatile @Nullable Thread thread;

    /** @param executor the caller's, or null: one thread */
    Callbacks(@Nullable Executor executor) {
        this.oneThread = executor == null;
        this.executor = executor == null ? oneThread() : executor;
    }

    private ThreadPoolExecutor oneThread() {
        ThreadFactory threads = task -> thread = Loop.daemon("workerfarm-callbacks", task);
        var one = new ThreadPoolExecutor(1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads);
        one.allowCoreThreadTimeOut(true);
        return one;
    }

    /** Whether they run on a thread of the pool, one after the other. */
    boolean areOwn() {
        return oneThread;
    }

    /** Whether a reader of a result waits for its callbacks: not a callback, and not where the executor may need the reader. */
    boolean areAwaited() {
        return oneThread && !Thread.currentThread().equals(thread);
    }

    @Override
    public void execute(Runnable task) {
        executor.execute(task);
    }
}
