package dev.workerfarm.worker.run.cut;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** Cuts chunks that run for long, so that idle processes take over what has not begun. Threads may share it. */
public final class Cuts {
    public static final Duration LOOK_EVERY = Duration.ofMillis(50);
    /** A chunk, and an item, that has run for so long is a long one. Its queue is asked about no more often than that. */
    public static final Duration LONG = Duration.ofMillis(200);

    private final Set<RunningChunk> running = ConcurrentHashMap.newKeySet();
    /** When each queue was asked about, by System.nanoTime. Used by the thread that looks. */
    private final Map<String, Long> asked = new HashMap<>();

    public void begin(RunningChunk chunk) {
        running.add(chunk);
    }

    public void end(RunningChunk chunk) {
        running.remove(chunk);
    }

    /**
     * Cuts a chunk of each queue whose other consumers may be idle; to be called periodically, every {@link #LOOK_EVERY}.
     *
     * @param othersMayBeIdle asked about a queue where a chunk of it runs for long
     */
    public void look(Predicate<String> othersMayBeIdle) {
        for (var chunk : running) {
            if (chunk.hasRunFor(LONG) && isToBeAskedAbout(chunk.queue()) && othersMayBeIdle.test(chunk.queue())) {
                chunk.cut(LONG);
            }
        }
    }

    private boolean isToBeAskedAbout(String queue) {
        var now = System.nanoTime();
        var before = asked.get(queue);
        if (before != null && now - before < LONG.toNanos()) {
            return false;
        }
        asked.put(queue, now);
        return true;
    }
}
