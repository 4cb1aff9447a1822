package dev.workerfarm.cli.calls;

import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.cli.output.CommonOptions;
import dev.workerfarm.cli.output.Console;
import dev.workerfarm.config.FarmEnvironment;
import dev.workerfarm.error.BrokerUnreachableException;
import dev.workerfarm.loop.Loop;
import dev.workerfarm.pool.NamedCall;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.status.StatusClient;
import dev.workerfarm.task.TaskQueue;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A command's pool, closed at the command's end and at Ctrl-C too, so that no reply queue stays behind. */
public final class PoolSession implements AutoCloseable {
    private static final Duration ANSWER = Duration.ofSeconds(2);

    private static final Duration LOOK = Duration.ofSeconds(1);

    final Pool pool;
    private final Loop watch;
    private final Thread hook;

    /** Connects, or throws as {@link Pool.Builder#connect}. */
    PoolSession(Console console) {
        this.pool = Pool.builder().environment(console.environment()).connect();
        this.watch = Loop.goingOn("workerfarm-up-watch", () -> {
            TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
            failIfFarmHasEnded(console);
        });
        if (console.environment().containsKey(FarmEnvironment.UP)) {
            watch.start();
        }
        this.hook = new Thread(() -> atInterrupt(pool::terminate, console), "workerfarm-interrupted");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void failIfFarmHasEnded(Console console) {
        try {
            console.requireFarm();
        } catch (BrokerUnreachableException e) {
            watch.stopAfterThisPass();
            pool.fail("farm up", e);
        }
    }

    /** Ends the pool when the JVM ends by a signal; whatever is thrown is said, and the JVM ends all the same. */
    static void atInterrupt(Runnable terminate, Console console) {
        try {
            terminate.run();
        } catch (RuntimeException | Error e) {
            console.say("farm producer: the pool was not ended, its reply queue expires by itself: " + e);
        }
    }

    /** A task with what the common options say; warns the user if no worker consumes its queue. */
    NamedCall call(String task, Console console, CommonOptions options) {
        var call = pool.task(task).timeout(options.timeout);
        if (options.queue != null) {
            call = call.queue(options.queue);
        }
        if (!options.quiet && call.workers() == 0 && !hasWorker(call.queueName(), console)) {
            console.say("no worker is consuming " + call.queueName() + "; start one with "
                    + (options.queue == null
                            ? "./farm up or ./farm worker" + (options.detach ? "" : "; waiting")
                            : worker(options.queue, console.names())));
        }
        return call;
    }

    /** Asks the workers: one in a long task is no consumer. */
    private static boolean hasWorker(String queue, Console console) {
        try (var client = StatusClient.connect(console.broker(), console.names(), null)) {
            return client.hasWorker(queue, ANSWER);
        } catch (BrokerUnreachableException e) {
            return true; // the call says so itself
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** The command of a worker for a queue that the caller has named. It may not exist, so the call may not wait. */
    private static String worker(String queue, QueueNames names) {
        if (queue.equals(names.of(TaskQueue.TASKS)) || queue.equals(names.of(TaskQueue.DOWNLOADS))) {
            return "./farm up or ./farm worker";
        }
        var prefix = names.namespace() + ".";
        var lane =
                queue.startsWith(prefix) ? "./farm worker --lanes " + queue.substring(prefix.length()) + ":1, or " : "";
        return lane + "FARM_QUEUES=" + queue + " ./farm worker";
    }

    /** Whether the JVM is ending, by a signal. Then the pool is being closed, and what fails is of no interest. */
    public static boolean isShuttingDown() {
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
        watch.stop();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return; // shutting down: the hook closes it
        }
        pool.terminate(); // after a success nothing is under way; after a time-out nobody waits
    }
}
