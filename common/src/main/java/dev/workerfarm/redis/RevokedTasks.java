package dev.workerfarm.redis;

import dev.workerfarm.error.RedisUnreachableException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import redis.clients.jedis.params.ZRangeParams;

/**
 * The ids of tasks and maps that were revoked, for workers that are not there to be told: the sorted set {@code
 * {namespace}:revoked}, each id's score the time up to which it is kept. Of more than {@value #MOST} the newest stay.
 * Threads may share it. Throws {@link RedisUnreachableException} where Redis is away, and may then be called again.
 */
public record RevokedTasks(RedisConnection redis, SharedKeys keys, Clock clock) {
    public static final Duration KEPT = Duration.ofDays(7);
    public static final int MOST = 50_000;
    private static final Script REVOKE = Script.named("revoke");

    /** Adds some, which are kept for {@link #KEPT} from now on. */
    public void add(Collection<String> ids) {
        var now = clock.millis();
        List<String> arguments = new ArrayList<>();
        Stream.of(now, now + KEPT.toMillis(), MOST).map(String::valueOf).forEach(arguments::add);
        arguments.addAll(ids);
        redis.run("revoked tasks", REVOKE, List.of(keys.revoked()), arguments);
    }

    /** Whether it, or the map that it is an item of, is still kept. */
    public boolean contains(String id) {
        var map = id.lastIndexOf(':');
        var ids = map < 0 ? List.of(id) : List.of(id, id.substring(0, map));
        return redis.call(
                "revoked tasks",
                client -> ids.stream()
                        .map(each -> client.zscore(keys.revoked(), each))
                        .anyMatch(until -> until != null && until >= clock.millis()));
    }

    /** Those that are still kept, the newest last. */
    public List<String> all() {
        var range = ZRangeParams.zrangeByScoreParams((double) clock.millis(), Double.POSITIVE_INFINITY);
        return redis.call("revoked tasks", client -> client.zrange(keys.revoked(), range));
    }
}
