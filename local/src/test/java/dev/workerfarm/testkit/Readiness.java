package dev.workerfarm.testkit;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.TerminalFailureException;

/** Waits for a server that was started to answer. */
final class Readiness {
    private Readiness() {}

    /**
     * Returns once the probe passes without an exception.
     *
     * @throws IllegalStateException with the ends of the logs, if the server dies first or takes longer than the deadline
     */
    static void await(String name, Leashed server, Duration deadline, List<Path> logs, Callable<?> probe) {
        try {
            Awaitility.await()
                    .atMost(deadline)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(50))
                    .failFast(name + " ended", () -> !server.isAlive())
                    .ignoreExceptions()
                    .until(() -> {
                        probe.call();
                        return true;
                    });
        } catch (ConditionTimeoutException | TerminalFailureException e) {
            var what = server.isAlive() ? "does not answer after " + deadline : "ended while it started";
            throw new IllegalStateException(name + " " + what + "\n" + Scratch.tail(logs), e);
        }
    }
}
