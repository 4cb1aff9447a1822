package dev.workerfarm.worker.executor;

import dev.workerfarm.loop.Loop;
import dev.workerfarm.worker.delivery.Delivery;
import dev.workerfarm.worker.link.RunningFile;
import dev.workerfarm.worker.process.Cancellation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * A lane's threads: each takes a delivery from the inbox and has it handled. A stray interrupt, as of a task's helper thread,
 * ends nothing: only {@link #abandon} ends a thread, and a fault, after which the process ends.
 */
public final class TaskExecutor {
    private static final Duration FOR_EVER = Duration.ofDays(365);

    private final BlockingQueue<Delivery> inbox;
    private final BiConsumer<Delivery, RunningFile.Slot> handler;
    private final Recycler recycler;
    private final Cancellation cancellation;
    private final List<Loop> threads = new ArrayList<>();
    private final AtomicInteger running = new AtomicInteger();
    /** When the newest run began, by System.nanoTime; meaningful while something runs, with one thread. */
    private volatile long runningSince;

    /** @param handler runs one delivery and hands its outcome on; the slot takes what the thread runs */
    public TaskExecutor(
            BlockingQueue<Delivery> inbox,
            List<RunningFile.Slot> slots,
            BiConsumer<Delivery, RunningFile.Slot> handler,
            Recycler recycler,
            Cancellation cancellation,
            Consumer<? super Throwable> end) {
        this.inbox = inbox;
        this.handler = handler;
        this.recycler = recycler;
        this.cancellation = cancellation;
        for (var slot : slots) {
            threads.add(Loop.ending("workerfarm-executor-" + (threads.size() + 1), () -> takeOne(slot), end));
        }
    }

    public void start() {
        threads.forEach(Loop::start);
    }

    public int running() {
        return running.get();
    }

    /** How long the present run has lasted, in nanoseconds; 0 if nothing runs. */
    public long runningNanos() {
        return running.get() == 0 ? 0 : Math.max(1, System.nanoTime() - runningSince);
    }

    /** Interrupts what runs; its outcome is dropped and its message goes back to the queue with the connection. */
    public void abandon() {
        threads.forEach(Loop::stopAfterThisPass);
        cancellation.cancel(); // before the interrupts, which would else be taken for a task's own
        threads.forEach(Loop::stop);
    }

    /** Waits until all threads have ended; false if the timeout came first. After {@link #abandon}. */
    public boolean awaitEnd(Duration timeout) throws InterruptedException {
        var deadline = System.nanoTime() + timeout.toNanos();
        var ended = true;
        for (var thread : threads) {
            ended &= thread.join(Duration.ofNanos(deadline - System.nanoTime()));
        }
        return ended;
    }

    private void takeOne(RunningFile.Slot slot) throws InterruptedException {
        if (!recycler.goesOn()) {
            cancellation.await(FOR_EVER); // the process ends, and another runs the rest
            return;
        }
        var delivery = inbox.take();
        runningSince = System.nanoTime();
        running.incrementAndGet();
        try {
            handler.accept(delivery, slot);
        } finally {
            running.decrementAndGet();
        }
    }
}
