package dev.workerfarm.cli;

import dev.workerfarm.pool.Pool;
import dev.workerfarm.pool.PoolConfig;
import org.jspecify.annotations.Nullable;

/** A command's pool, closed at the command's end and at Ctrl-C too, so that no reply queue stays behind. */
final class PoolSession implements AutoCloseable {
    private final Pool pool;
    private final Thread hook;

    private PoolSession(Pool pool) {
        this.pool = pool;
        this.hook = new Thread(pool::terminate, "workerfarm-interrupted");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /**
     * Connects.
     *
     * @throws IllegalArgumentException if a variable is wrong
     * @throws dev.workerfarm.error.BrokerUnreachableException if the broker is not there
     */
    static PoolSession open(Console console) {
        return new PoolSession(Pool.connect(PoolConfig.from(console.environment())));
    }

    Pool pool() {
        return pool;
    }

    /** The queue to publish a task to; tells the user, who else would wait without knowing why, if nobody consumes it. */
    String queueFor(String task, Console console, CommonOptions options) {
        @Nullable String wanted = options.queue;
        var queue = wanted == null ? pool.queueOf(task) : wanted;
        if (!options.quiet && pool.workers(queue) == 0) {
            console.say("no worker is consuming " + queue + "; start one with ./farm up or ./farm worker"
                    + (options.detach ? "" : "; waiting"));
        }
        return queue;
    }

    /** Whether the JVM is ending, by a signal. Then the pool is being closed, and what fails is of no interest. */
    static boolean isShuttingDown() {
        var probe = new Thread(() -> {});
        try {
            Runtime.getRuntime().addShutdownHook(probe);
            Runtime.getRuntime().removeShutdownHook(probe);
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return; // shutting down: the hook closes it
        }
        pool.terminate(); // after a success nothing is under way; after a time-out nobody waits
    }
}
