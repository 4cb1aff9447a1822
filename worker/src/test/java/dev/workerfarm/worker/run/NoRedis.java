package dev.workerfarm.worker.run;

import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.redis.ledger.TaskLedger;
import dev.workerfarm.worker.commit.Committer;
import dev.workerfarm.worker.process.Cancellation;

/** A Redis that nobody asks: connections are made on first use. */
final class NoRedis {
    private NoRedis() {}

    @SuppressWarnings("resource") // it has no connection
    static Committer committer(Cancellation cancellation) {
        var shared = RedisSharedState.open(RedisAddress.parse("redis://127.0.0.1:1/0"), "none");
        return new Committer(new TaskLedger(shared), cancellation);
    }
}
