package dev.workerfarm.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A file that a test makes when a task may end. Stateless. */
final class Gate {
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private Gate() {}

    /**
     * Waits for it, 60 s at most and no longer than {@code mark} is there: a test that has ended removes both.
     *
     * @throws IllegalStateException if nobody made it
     */
    static void await(Path gate, Path mark) throws InterruptedException {
        var began = System.nanoTime();
        while (!Files.exists(gate) && Files.exists(mark)) {
            if (System.nanoTime() - began > LONGEST.toNanos()) {
                throw new IllegalStateException("nobody opened " + gate);
            }
            Thread.sleep(10);
        }
    }
}
