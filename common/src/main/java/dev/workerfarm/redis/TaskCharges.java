package dev.workerfarm.redis;

import dev.workerfarm.error.RedisUnreachableException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Which worker processes died while they ran a message, or have not told its end yet. A message's notes are the hash
 * {@code {namespace}:crashes:<id>}, with a field {@code <generation>.<attempt>.<process>} for each process, kept
 * {@link #KEPT} after the last. Threads may share it. Throws {@link RedisUnreachableException} where Redis is away.
 */
public record TaskCharges(RedisConnection redis, SharedKeys keys) {
    public static final Duration KEPT = Duration.ofDays(7);
    private static final Script CHARGE = Script.named("charge");

    /** Notes any text about a process, whose name no other has at any time, in place of what was noted before. */
    public void note(TaskRun run, String process, String text) {
        var arguments = List.of(run.prefix() + process, text, String.valueOf(KEPT.toSeconds()));
        redis.run("task " + run.id(), CHARGE, List.of(keys.taskCrashes(run.id())), arguments);
    }

    /** What is noted about a message, by process. */
    public Map<String, String> find(TaskRun run) {
        return run.own(redis.call("task " + run.id(), client -> client.hgetAll(keys.taskCrashes(run.id()))));
    }

    public void remove(TaskRun run, String process) {
        redis.call("task " + run.id(), client -> client.hdel(keys.taskCrashes(run.id()), run.prefix() + process));
    }
}
