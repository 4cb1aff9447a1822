package dev.workerfarm.worker.lane;

import dev.workerfarm.worker.config.Lane;
import dev.workerfarm.worker.crash.Charges;
import dev.workerfarm.worker.delivery.PrefetchPolicy;
import dev.workerfarm.worker.delivery.TaskConsumer;
import dev.workerfarm.worker.executor.TaskExecutor;
import dev.workerfarm.worker.link.DeathReport;
import dev.workerfarm.worker.link.ParentLink;
import java.time.Duration;

/** A lane's periodic jobs, as a list: which thread, how often, what. Every job goes on after a fault. */
final class Housekeeping {
    private static final Duration OFTEN = Duration.ofMillis(100);
    private static final Duration EVERY_SECOND = Duration.ofSeconds(1);
    private static final Duration SELDOM = Duration.ofSeconds(5);

    private Housekeeping() {}

    static LaneCore start(LaneCore core, RedisSide redis, RunSide runs, BrokerIn in, ParentLink link) {
        var consumer = in.consumer();

        core.prompt().every(OFTEN, "deaths", () -> takeDeaths(link, redis.charges()));

        var renewEvery = core.profile().config().consumerTimeout().lookEvery();
        core.consuming().every(renewEvery, "renewal", consumer::renew);
        core.consuming().every(SELDOM, "control binding", in.control()::bindAgain);
        if (core.profile().lane() == Lane.CPU) {
            core.consuming().every(OFTEN, "prefetch", () -> resize(consumer, core.policy(), runs.executor()));
        }

        core.blocking().every(OFTEN, "notes of deaths", () -> redis.charges().record(link::recorded));
        core.blocking().every(EVERY_SECOND, "settled runs", redis.committer()::tellSettled);
        core.blocking().every(EVERY_SECOND, "memory", runs.recycler()::look);
        core.blocking().every(SELDOM, "revocations", redis.revocationLoader()::loadIfMissing);
        return core;
    }

    /** Takes what the parent has reported so far. */
    static void takeDeaths(ParentLink link, Charges charges) {
        for (var line = link.nextDeath(); line != null; line = link.nextDeath()) {
            var report = DeathReport.from(line);
            if (report != null) {
                charges.take(report);
            }
        }
    }

    private static void resize(TaskConsumer consumer, PrefetchPolicy policy, TaskExecutor executor) {
        var runningNanos = executor.runningNanos();
        consumer.resize(policy.prefetch(runningNanos), runningNanos > 0);
    }
}
