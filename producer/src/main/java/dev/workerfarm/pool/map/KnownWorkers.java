package dev.workerfarm.pool.map;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.ToIntFunction;

/**
 * How many workers consume a queue, as the broker has said lately: to ask takes several round trips, as long as a small map. The
 * answer is kept for {@link #KEPT}; from {@link #FRESH} on the next one is asked for meanwhile. Threads may share it.
 */
public final class KnownWorkers {
    private static final Duration FRESH = Duration.ofSeconds(1);
    private static final Duration KEPT = Duration.ofSeconds(10);

    private record Answer(int workers, long sinceNanos) {
        boolean isOlder(Duration age) {
            return System.nanoTime() - sinceNanos > age.toNanos();
        }
    }

    private final ToIntFunction<String> question;
    private final Executor executor;
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();

    /** @param question asks the broker about a queue */
    public KnownWorkers(ToIntFunction<String> question, Executor executor) {
        this.question = question;
        this.executor = executor;
    }

    /** The workers of a queue; asks where it was not asked lately. */
    public int of(String queue) {
        var known = answers.get(queue);
        if (known == null || known.isOlder(KEPT)) {
            return ask(queue);
        }
        if (known.isOlder(FRESH) && answers.replace(queue, known, new Answer(known.workers(), System.nanoTime()))) {
            executor.execute(() -> ask(queue));
        }
        return known.workers();
    }

    private int ask(String queue) {
        var workers = question.applyAsInt(queue);
        answers.put(queue, new Answer(workers, System.nanoTime()));
        return workers;
    }
}
