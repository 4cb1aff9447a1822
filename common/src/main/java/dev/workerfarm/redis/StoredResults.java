package dev.workerfarm.redis;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.params.SetParams;

/** The outcomes that task messages asked to be stored, each {@code {namespace}:result:<id>}. Threads may share it. */
public record StoredResults(RedisConnection redis, SharedKeys keys) {
    public static final Duration KEPT = Duration.ofHours(24);

    /** Stores outcomes, any texts by their tasks' ids, each in place of what was stored for its task before. */
    public void store(Map<String, String> outcomes) {
        var kept = SetParams.setParams().ex(KEPT.toSeconds());
        redis.pipelined(
                "stored results",
                pipeline -> outcomes.entrySet().stream()
                        .map(each -> pipeline.set(keys.result(each.getKey()), each.getValue(), kept))
                        .toList());
    }

    /** What was stored for a task, or null: nothing, or it was longer ago than it is kept. */
    public @Nullable String find(String id) {
        return redis.<@Nullable String>call("result of " + id, client -> client.get(keys.result(id)));
    }
}
