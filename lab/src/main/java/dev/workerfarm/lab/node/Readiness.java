package dev.workerfarm.lab.node;

import dev.workerfarm.broker.SupervisedConnection;
import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.local.Leash;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/** Waits for a server that was started to answer. */
final class Readiness {
    private static final Duration ASK_EVERY = Duration.ofMillis(50);

    private Readiness() {}

    /** Waits a little; true if the server has ended. */
    interface Pause {
        boolean hasEnded() throws InterruptedException;
    }

    static Callable<?> broker(String url) {
        return () -> {
            SupervisedConnection.open(BrokerAddress.parse(url), "readiness", connection -> {})
                    .close();
            return url;
        };
    }

    /** As below, of a server on a leash, with the ends of these logs. */
    static void await(String name, Leash server, Duration deadline, List<Path> logs, Callable<?> probe) {
        await(name, () -> server.awaitEnd(ASK_EVERY), deadline, () -> Scratch.tail(logs), probe);
    }

    /** Returns once the probe passes. The failure has the log, if the server ends first or the deadline comes. */
    static void await(String name, Pause pause, Duration deadline, Supplier<String> log, Callable<?> probe) {
        var start = System.nanoTime();
        while (true) {
            try {
                probe.call();
                return;
            } catch (Exception e) { // whatever a server says that is not ready yet
                if (hasEnded(name, pause)) {
                    throw new IllegalStateException(name + " ended while it started\n" + log.get(), e);
                }
                if (System.nanoTime() - start > deadline.toNanos()) {
                    throw new IllegalStateException(name + " does not answer after " + deadline + "\n" + log.get(), e);
                }
            }
        }
    }

    private static boolean hasEnded(String name, Pause pause) {
        try {
            return pause.hasEnded();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + name + " started", e);
        }
    }
}
