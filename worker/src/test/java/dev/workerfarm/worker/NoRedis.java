package dev.workerfarm.worker;

import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.redis.RedisSharedState;

/** A Redis that nobody asks: connections are made on first use. */
final class NoRedis {
    private NoRedis() {}

    @SuppressWarnings("resource") // it has no connection
    static Committer committer(Cancellation cancellation) {
        var shared = RedisSharedState.open(RedisAddress.parse("redis://127.0.0.1:1/0"), "none");
        return new Committer(new RedisLedger(shared.ledger()), cancellation);
    }
}
