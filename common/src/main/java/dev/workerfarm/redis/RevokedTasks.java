package dev.workerfarm.redis;

import dev.workerfarm.error.RedisUnreachableException;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import redis.clients.jedis.params.ZRangeParams;

/**
 * The ids of tasks and maps that were revoked, for workers that are not there to be told: the sorted set {@code
 * {namespace}:revoked}, each id's score the time up to which it is kept. Of more than {@value #MOST} the newest stay.
 * Threads may share it. Throws {@link RedisUnreachableException} where Redis is away, and may then be called again.
 */
public record RevokedTasks(RedisConnection redis, SharedKeys keys, Clock clock) {
    public static final Duration KEPT = Duration.ofDays(7);
    public static final int MOST = 50_000;

    /** Adds some, which are kept for {@link #KEPT} from now on. */
    public void add(Collection<String> ids) {
        var now = clock.millis();
        Map<String, Double> scores = new HashMap<>();
        ids.forEach(id -> scores.put(id, (double) (now + KEPT.toMillis())));
        redis.pipelined(
                "revoked tasks",
                pipeline -> List.of(
                        pipeline.zadd(keys.revoked(), scores),
                        pipeline.zremrangeByScore(keys.revoked(), Double.NEGATIVE_INFINITY, (double) now),
                        pipeline.zremrangeByRank(keys.revoked(), 0, -1L - MOST),
                        pipeline.pexpire(keys.revoked(), KEPT.toMillis())));
    }

    /** Those that are still kept, the newest last. */
    public List<String> all() {
        var range = ZRangeParams.zrangeByScoreParams((double) clock.millis(), Double.POSITIVE_INFINITY);
        return redis.call("revoked tasks", client -> client.zrange(keys.revoked(), range));
    }
}
