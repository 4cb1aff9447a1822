package dev.workerfarm.worker.lane;

import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.redis.ledger.TaskLedger;
import dev.workerfarm.worker.answer.ResultStore;
import dev.workerfarm.worker.commit.Committer;
import dev.workerfarm.worker.control.RevocationLoader;
import dev.workerfarm.worker.crash.Charges;
import java.time.Duration;

/** A lane's side of Redis: what uses {@code shared} waits however long it is away, {@code bestEffort} gives up soon. */
record RedisSide(
        RedisSharedState shared,
        RedisSharedState bestEffort,
        Committer committer,
        ResultStore results,
        Charges charges,
        RevocationLoader revocationLoader)
        implements AutoCloseable {
    private static final Duration BEST_EFFORT_ANSWER = Duration.ofSeconds(1);

    /** Starts to connect, and does not wait: Redis may be away. */
    static RedisSide start(LaneCore core) {
        var profile = core.profile;
        var address = core.config.redis();
        var namespace = core.config.names().namespace();
        var shared = RedisSharedState.open(address, namespace);
        var bestEffort = RedisSharedState.open(address, namespace, BEST_EFFORT_ANSWER);
        var loader = new RevocationLoader(bestEffort.revoked(), core.revocations);
        core.blocking.once(Duration.ZERO, "connect to Redis", loader::prepare);
        return new RedisSide(
                shared,
                bestEffort,
                new Committer(new TaskLedger(shared), core.cancellation),
                new ResultStore(bestEffort.results()::store).start(),
                new Charges(bestEffort.charges(), profile.processName(), profile.host(), core.cancellation),
                loader);
    }

    @Override
    public void close() {
        shared.close();
        results.close();
        bestEffort.close();
    }
}
