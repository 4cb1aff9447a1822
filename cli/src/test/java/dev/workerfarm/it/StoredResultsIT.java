package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.testkit.Services;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** What Redis keeps of results and revocations, and for how long. */
class StoredResultsIT {
    private final String namespace = "stored-" + UUID.randomUUID();
    private final RedisSharedState shared =
            RedisSharedState.open(RedisAddress.parse(Services.shared().redisUrl()), namespace);

    @AfterEach
    void close() {
        shared.close();
    }

    private static Jedis redis() {
        return new Jedis(URI.create(Services.shared().redisUrl()));
    }

    @Test
    void aResultIsKeptForADay() {
        var results = shared.results();
        assertThat(results.find("a")).isNull();

        results.store(Map.of("a", "1", "b", "2"));
        results.store(Map.of("a", "3"));

        assertThat(results.find("a")).isEqualTo("3");
        assertThat(results.find("b")).isEqualTo("2");
        try (var redis = redis()) {
            assertThat(redis.ttl("{" + namespace + "}:result:a")).isBetween(86_000L, 86_400L);
            redis.del("{" + namespace + "}:result:a", "{" + namespace + "}:result:b");
        }
    }

    @Test
    void aRevocationIsKeptForAWeekAndOfTooManyTheNewest() {
        var key = "{" + namespace + "}:revoked";
        var revoked = shared.revoked();
        assertThat(revoked.all()).isEmpty();
        try (var redis = redis()) {
            redis.zadd(key, 1, "long ago");
            redis.zadd(key, System.currentTimeMillis() + 60_000d, "soon forgotten");
            assertThat(revoked.all()).containsExactly("soon forgotten");

            revoked.add(List.of("a", "b"));

            assertThat(revoked.all()).containsExactly("soon forgotten", "a", "b");
            assertThat(redis.zcard(key)).isEqualTo(3);
            assertThat(redis.zscore(key, "a") - System.currentTimeMillis()).isBetween(604_700_000d, 604_800_000d);

            revoked.add(IntStream.range(0, 50_000).mapToObj(i -> "id-" + i).toList());
            assertThat(revoked.all()).hasSize(50_000).doesNotContain("soon forgotten", "a");
            redis.del(key);
        }
    }
}
