package dev.workerfarm.worker;

import dev.workerfarm.loop.Loop;
import dev.workerfarm.worker.process.Signals;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The signals that ask this process to stop, SIGTERM and SIGINT: the first one stops it, each further one hurries.
 * Owned by the command that runs in the foreground, on one thread.
 */
public final class StopSignals implements AutoCloseable {
    private final BlockingQueue<String> arrived = new LinkedBlockingQueue<>();
    private @Nullable Loop hurrying;

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
        hurrying = Loop.goingOn("workerfarm-hurry", () -> {
                    arrived.take();
                    hurry.run();
                })
                .start();
    }

    /** Ends the calls. The signals still do nothing else. */
    @Override
    public void close() {
        if (hurrying != null) {
            hurrying.stop();
        }
    }
}
