package dev.workerfarm.worker;

import dev.workerfarm.error.DecodeException;
import dev.workerfarm.error.PublishTimeoutException;
import dev.workerfarm.error.RedisUnreachableException;
import dev.workerfarm.message.Failure;
import dev.workerfarm.message.TaskCodec;
import dev.workerfarm.message.TaskMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lane's threads: each takes a delivery from the inbox, decodes it, runs it and hands the outcome on. They never touch
 * the broker themselves.
 */
final class TaskExecutor {
    private static final Logger LOG = LoggerFactory.getLogger(TaskExecutor.class);

    /** A delivery that another thread settles. */
    private record Unsettled(Completion completion, Delivery delivery, TaskMessage message) implements Overdue {
        @Override
        public void comesTo(Execution execution) {
            completion.complete(delivery, message, execution, Map.of()).join();
        }

        @Override
        public void runsAgainWithout(int item, Execution ifThatCannotBe) {
            completion.again(delivery, message, item, ifThatCannotBe).join();
        }
    }

    private final BlockingQueue<Delivery> inbox;
    private final Turns turns;
    private final MapRunner runner;
    private final Completion completion;
    private final PrefetchPolicy policy;
    private final Cancellation cancellation;
    private final Recycler recycler;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicInteger running = new AtomicInteger();
    /** When the newest run began, by System.nanoTime; meaningful while something runs, with one thread. */
    private volatile long runningSince;

    TaskExecutor(
            BlockingQueue<Delivery> inbox,
            Turns turns,
            RunningFile running,
            MapRunner runner,
            Completion completion,
            PrefetchPolicy policy,
            Cancellation cancellation,
            Recycler recycler,
            int concurrency) {
        this.inbox = inbox;
        this.turns = turns;
        this.runner = runner;
        this.completion = completion;
        this.policy = policy;
        this.cancellation = cancellation;
        this.recycler = recycler;
        for (int i = 1; i <= concurrency; i++) {
            var slot = running.slot(i - 1);
            var thread = new Thread(() -> work(slot), "workerfarm-executor-" + i);
            thread.setDaemon(true);
            thread.setUncaughtExceptionHandler(TaskExecutor::died);
            threads.add(thread);
        }
    }

    /**
     * A lane without its thread would hold its messages for ever: the process ends, its parent replaces it, and the broker
     * delivers them again. Memory that runs out while a message is read or its outcome written ends here too.
     */
    private static void died(Thread thread, Throwable cause) {
        try {
            LOG.error("executor thread died, so this process ends thread={}", thread.getName(), cause);
        } finally {
            Runtime.getRuntime()
                    .halt(cause instanceof OutOfMemoryError ? ExitCode.OUT_OF_MEMORY : ExitCode.EXECUTOR_DIED);
        }
    }

    void start() {
        threads.forEach(Thread::start);
    }

    /** How many deliveries run now. */
    int running() {
        return running.get();
    }

    /** How long the present run has lasted, in nanoseconds; 0 if nothing runs. */
    long runningNanos() {
        return running.get() == 0 ? 0 : Math.max(1, System.nanoTime() - runningSince);
    }

    /** Interrupts what runs; its outcome is dropped and its message goes back to the queue with the connection. */
    void abandon() {
        cancellation.cancel();
        threads.forEach(Thread::interrupt);
    }

    private void work(RunningFile.Slot slot) {
        while (!cancellation.isCancelled() && recycler.goesOn()) {
            try {
                var delivery = inbox.take();
                runningSince = System.nanoTime();
                running.incrementAndGet();
                try {
                    execute(delivery, slot);
                } finally {
                    running.decrementAndGet();
                }
            } catch (InterruptedException e) {
                return; // abandoned
            } catch (PublishTimeoutException
                    | RedisUnreachableException e) { // abandoned, else they would go on waiting
                LOG.debug("given up while it held an outcome", e);
                return;
            }
        }
    }

    private void execute(Delivery delivery, RunningFile.Slot slot) throws InterruptedException {
        var turn = turns.begin(delivery, slot);
        if (!cancellation.isCancelled()) {
            execute(delivery, turn);
        }
        turn.end(); // and not where an Error ends the process
    }

    private void execute(Delivery delivery, Turn turn) {
        var lost = turn.lost();
        if (lost != null) {
            completion.lost(delivery, lost);
            return;
        }
        TaskMessage message;
        try {
            message = TaskCodec.decode(delivery.properties(), delivery.body());
        } catch (DecodeException e) {
            completion.undecodable(delivery, Failure.builtin("ValueError", String.valueOf(e.getMessage())));
            return;
        }
        LogContext.enter(message, delivery.queue());
        try {
            execute(delivery, message, turn);
        } finally {
            LogContext.leave();
        }
    }

    private void execute(Delivery delivery, TaskMessage message, Turn turn) {
        var start = System.nanoTime();
        var execution = runner.run(message, turn, new Unsettled(completion, delivery, message));
        var nanos = System.nanoTime() - start;
        if (cancellation.isCancelled()) {
            return;
        }
        policy.ran(nanos);
        LOG.debug(
                "ran taskId={} task={} attempt={} queue={} elapsedMs={}",
                message.id(),
                message.task(),
                message.retries(),
                delivery.queue(),
                TimeUnit.NANOSECONDS.toMillis(nanos));
        completion.complete(delivery, message, execution, turn.lostItems());
    }
}
