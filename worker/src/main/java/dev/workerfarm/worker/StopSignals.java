package dev.workerfarm.worker;

import dev.workerfarm.loop.Loop;
import dev.workerfarm.worker.process.Signals;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The signals that ask this process to stop, SIGTERM and SIGINT: the first one stops it, each further one hurries.
 * Owned by the command that runs in the foreground, on one thread.
 */
public final class StopSignals implements AutoCloseable {
    private final BlockingQueue<String> arrived = new LinkedBlockingQueue<>();
    private final CompletableFuture<Runnable> hurry = new CompletableFuture<>();
    /** Started at once: when a signal comes the system may have no thread left. */
    private final Loop hurrying = Loop.goingOn("workerfarm-hurry", this::hurry).start();

    StopSignals() {}

    /** From now on both signals come here; the JVM does nothing of its own with them. */
    public static StopSignals listen() {
        var signals = new StopSignals();
        for (var name : new String[] {"TERM", "INT"}) {
            Signals.on(name, signals::request);
        }
        return signals;
    }

    /** Asks for the stop as a signal does. */
    public void request() {
        arrived.add("request");
    }

    /** Whether a signal has arrived that {@link #awaitFirst} has not returned for. */
    public boolean isStopRequested() {
        return !arrived.isEmpty();
    }

    /** Waits for the first signal. */
    public void awaitFirst() throws InterruptedException {
        arrived.take();
    }

    /** Calls {@code hurry} at each signal after the first, on a thread of its own, until {@link #close}; once. */
    public void onEachFurther(Runnable hurry) {
        this.hurry.complete(hurry);
    }

    private void hurry() throws InterruptedException {
        Runnable action;
        try {
            action = hurry.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        arrived.take();
        action.run();
    }

    /** Ends the calls. The signals still do nothing else. */
    @Override
    public void close() {
        hurrying.stop();
    }
}
