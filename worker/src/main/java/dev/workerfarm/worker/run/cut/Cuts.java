package dev.workerfarm.worker.run.cut;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** Cuts chunks that run for long, so that idle processes take over what has not begun. Threads may share it. */
public final class Cuts {
    public static final Duration LOOK_EVERY = Duration.ofMillis(200);

    private final Set<RunningChunk> running = ConcurrentHashMap.newKeySet();

    public void begin(RunningChunk chunk) {
        running.add(chunk);
    }

    public void end(RunningChunk chunk) {
        running.remove(chunk);
    }

    /**
     * Cuts a chunk of each queue whose other consumers may be idle; to be called periodically, every {@link #LOOK_EVERY}.
     *
     * @param othersMayBeIdle asked about each queue once, and only where a chunk runs for long
     */
    public void look(Predicate<String> othersMayBeIdle) {
        Set<String> seen = new HashSet<>();
        for (var chunk : running) {
            if (chunk.hasRunFor(LOOK_EVERY) && seen.add(chunk.queue()) && othersMayBeIdle.test(chunk.queue())) {
                chunk.cut(LOOK_EVERY);
            }
        }
    }
}
