package dev.workerfarm.redis;

import dev.workerfarm.error.RedisUnreachableException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Which worker processes died while they ran a message, and which have begun it and not told its end yet. It says nothing of
 * how often a task may kill its process: that is the worker's. Threads may share it; it lives on the connections of the
 * {@link RedisSharedState} that made it.
 *
 * <p>A message's notes are the hash {@code {namespace}:crashes:<id>}, with a field
 * {@code <generation>.<attempt>.<process>} for each process, which dies only once: to note the same again changes nothing.
 * The hash is gone with its last field, or {@link #KEPT} after the last note.
 *
 * <p>Every method throws {@link RedisUnreachableException} where Redis is away, and may then be called again.
 */
public final class TaskCharges {
    public static final Duration KEPT = Duration.ofDays(7);

    private final RedisConnection redis;
    private final SharedKeys keys;

    TaskCharges(RedisConnection redis, SharedKeys keys) {
        this.redis = redis;
        this.keys = keys;
    }

    /**
     * Notes something about a process and a message, in place of what was noted before.
     *
     * @param process its name, which no other process has at any time
     * @param text any text
     */
    public void note(TaskRun run, String process, String text) {
        redis.call("task " + run.id(), client -> {
            try (var pipeline = client.pipelined()) {
                var key = keys.taskCrashes(run.id());
                var noted = pipeline.hset(key, prefix(run) + process, text);
                var expires = pipeline.expire(key, KEPT.toSeconds());
                pipeline.sync();
                return noted.get() + expires.get();
            }
        });
    }

    /** What is noted about a message, by process. */
    public Map<String, String> find(TaskRun run) {
        var prefix = prefix(run);
        Map<String, String> found = new HashMap<>();
        redis.call("task " + run.id(), client -> client.hgetAll(keys.taskCrashes(run.id())))
                .forEach((field, text) -> {
                    if (field.startsWith(prefix)) {
                        found.put(field.substring(prefix.length()), text);
                    }
                });
        return found;
    }

    /** Removes what is noted about a process and a message. */
    public void remove(TaskRun run, String process) {
        redis.call("task " + run.id(), client -> client.hdel(keys.taskCrashes(run.id()), prefix(run) + process));
    }

    private static String prefix(TaskRun run) {
        return run.generation() + "." + run.attempt() + ".";
    }
}
