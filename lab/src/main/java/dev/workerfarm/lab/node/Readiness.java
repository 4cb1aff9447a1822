package dev.workerfarm.lab.node;

import dev.workerfarm.local.Leash;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;

/** Waits for a server that was started to answer. */
final class Readiness {
    private static final Duration ASK_EVERY = Duration.ofMillis(50);

    private Readiness() {}

    /**
     * Returns once the probe passes without an exception.
     *
     * @throws IllegalStateException with the ends of the logs, if the server dies first or takes longer than the deadline, or
     *     this thread is interrupted
     */
    static void await(String name, Leash server, Duration deadline, List<Path> logs, Callable<?> probe) {
        var start = System.nanoTime();
        while (true) {
            try {
                probe.call();
                return;
            } catch (Exception e) { // whatever a server says that is not ready yet
                if (hasEnded(name, server)) {
                    throw new IllegalStateException(name + " ended while it started\n" + Scratch.tail(logs), e);
                }
                if (System.nanoTime() - start > deadline.toNanos()) {
                    throw new IllegalStateException(
                            name + " does not answer after " + deadline + "\n" + Scratch.tail(logs), e);
                }
            }
        }
    }

    private static boolean hasEnded(String name, Leash server) {
        try {
            return server.awaitEnd(ASK_EVERY);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + name + " started", e);
        }
    }
}
