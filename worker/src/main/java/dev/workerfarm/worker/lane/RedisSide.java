package dev.workerfarm.worker.lane;

import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.redis.ledger.TaskLedger;
import dev.workerfarm.worker.answer.ResultStore;
import dev.workerfarm.worker.commit.Committer;
import dev.workerfarm.worker.control.RevocationLoader;
import dev.workerfarm.worker.crash.Charges;
import java.time.Duration;

/**
 * All of a lane that talks to Redis.
 *
 * @param shared for what a message waits for, off its thread, however long Redis is away
 * @param bestEffort apart, for what is done as well as possible
 */
record RedisSide(
        RedisSharedState shared,
        RedisSharedState bestEffort,
        Committer committer,
        ResultStore results,
        Charges charges,
        RevocationLoader revocationLoader)
        implements AutoCloseable {
    /** No thread that runs tasks is to wait longer for a Redis that does not answer. */
    private static final Duration ANSWER = Duration.ofSeconds(1);

    /** Starts to connect, and does not wait: Redis may be away. */
    static RedisSide start(LaneCore core) {
        var profile = core.profile;
        var address = core.config.redis();
        var namespace = core.config.names().namespace();
        var shared = RedisSharedState.open(address, namespace, ANSWER);
        var bestEffort = RedisSharedState.open(address, namespace, ANSWER);
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
        committer.close();
        shared.close();
        results.close();
        bestEffort.close();
    }
}
