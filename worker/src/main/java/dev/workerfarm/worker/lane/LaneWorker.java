package dev.workerfarm.worker.lane;

import dev.workerfarm.config.Durations;
import dev.workerfarm.task.Task;
import dev.workerfarm.worker.config.LaneProfile;
import dev.workerfarm.worker.crash.Charges;
import dev.workerfarm.worker.delivery.PrefetchPolicy;
import dev.workerfarm.worker.link.DeathReport;
import dev.workerfarm.worker.link.ParentLink;
import dev.workerfarm.worker.link.RunningFile;
import dev.workerfarm.worker.metrics.Metric;
import dev.workerfarm.worker.metrics.Samples;
import dev.workerfarm.worker.run.Activity;
import dev.workerfarm.worker.run.cut.Cuts;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One lane at work: everything between its queues and its acks, put together here. Whoever makes it closes it. */
final class LaneWorker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LaneWorker.class);
    private static final Duration OFTEN = Duration.ofMillis(100);
    /** With {@link PrefetchPolicy#LONG} less than 200 ms, for which no message waits behind a long one while others are idle. */
    private static final Duration VERY_OFTEN = Duration.ofMillis(50);

    private static final Duration EVERY_SECOND = Duration.ofSeconds(1);
    private static final Duration SELDOM = Duration.ofSeconds(5);
    private static final Duration EVERY_MINUTE = Duration.ofMinutes(1);
    private static final Duration A_MOMENT = Duration.ofMillis(100);
    private static final Duration PARENT_TIMEOUT = Duration.ofSeconds(2);

    private final Parts parts = new Parts();
    private final LaneCore core;
    private final RedisSide redis;
    private final BrokerOut out;
    private final RunSide runs;
    private final BrokerIn in;

    /**
     * Connects and begins to consume. Read from top to bottom this is the order of the start, and from bottom to top
     * that of the stop. {@code own} are the program's tasks, beside those of the farm, the class path and the jars.
     */
    LaneWorker(LaneProfile profile, ParentLink link, RunningFile running, LaneEnd end, List<Task<?, ?>> own)
            throws InterruptedException {
        try {
            this.core = parts.start("timers", () -> new LaneCore(profile, end, running), LaneCore::close);
            // Before the broker: the first connection to Redis takes long, and is opened meanwhile on another thread.
            this.redis = parts.start("redis", () -> RedisSide.start(core), RedisSide::close);
            // Before whatever may have an outcome to publish.
            this.out = parts.start("broker out", () -> BrokerOut.start(core, redis), BrokerOut::close);
            this.runs = parts.start("runs", () -> RunSide.start(core, redis, out, own), RunSide::close);
            // Before the broker delivers here what other processes have died of.
            awaitDeaths(redis.charges(), link);
            this.in = parts.start("broker in", () -> BrokerIn.start(core, redis, out, runs, link), BrokerIn::close);
            // Last, and stopped first: its jobs use all the others.
            parts.start("housekeeping", () -> startJobs(link), LaneCore::close);
            link.answer(ParentLink.METRICS, this::metrics);
            LOG.info("ready worker={} queues={}", profile.workerName(), profile.queues());
        } catch (Throwable e) {
            parts.close();
            throw e;
        }
    }

    /** Takes no more and waits until what runs is settled, the time is over, or something arrives in {@code hurry}. */
    void drain(Duration drain, BlockingQueue<Duration> hurry) throws InterruptedException {
        var workerName = core.profile.workerName();
        LOG.info("stopping worker={} drainMs={}", workerName, drain.toMillis());
        var settled = in.consumer().stop();
        runs.parked().stop();
        settled.thenRun(() -> hurry.add(Duration.ZERO));
        try {
            if (hurry.poll(Durations.nanos(drain), TimeUnit.NANOSECONDS) != null) {
                settled.get(0, TimeUnit.SECONDS);
            }
        } catch (TimeoutException | ExecutionException e) {
            LOG.debug("hurried");
        }
        var running = runs.executor().running();
        // A settled run has ended, though its thread may not have counted it yet. Where nothing runs, a confirm is
        // missing, or the broker's answer to the end of a subscription.
        if (running > 0 && !settled.isDone()) {
            var millis = drain.toMillis();
            LOG.warn("giving back what still runs worker={} running={} drainMs={}", workerName, running, millis);
        }
        core.running.stop(); // from here on nobody is to be charged
        runs.executor().abandon();
        redis.charges().forget();
        out.flush();
        redis.committer().tellSettled();
        core.activity.failures().endMinute();
        LOG.info("stopped worker={}", workerName);
    }

    /** Stops the parts and closes their connections, the consuming one first. */
    @Override
    public void close() {
        parts.close();
    }

    /** The calls that have not ended a moment after {@link #close}: their threads cannot be ended. */
    List<Activity.Run> leftBehind() throws InterruptedException {
        return runs.executor().awaitEnd(A_MOMENT) ? List.of() : core.activity.running();
    }

    /** The periodic jobs: which thread, how often, what. Every job goes on after a fault. */
    private LaneCore startJobs(ParentLink link) {
        var consumer = in.consumer();
        core.prompt.every(OFTEN, "deaths", () -> takeDeaths(link, redis.charges()));

        core.consuming.every(core.config.consumerTimeout().lookEvery(), "renewal", consumer::renew);
        core.consuming.every(
                OFTEN, "held outcomes", () -> consumer.makeRoom(out.held().aside()));
        core.consuming.every(SELDOM, "control binding", in.control()::bindAgain);
        core.consuming.every(VERY_OFTEN, "prefetch", this::resize);

        core.cutting.every(Cuts.LOOK_EVERY, "cuts", () -> core.cuts.look(consumer::mayOthersBeIdle));

        core.blocking.every(OFTEN, "notes of deaths", () -> redis.charges().record(link::recorded));
        core.blocking.every(EVERY_SECOND, "settled runs", redis.committer()::tellSettled);
        core.blocking.every(EVERY_SECOND, "what is held", this::lookAtHeld);
        core.blocking.every(EVERY_SECOND, "memory", runs.recycler()::look);
        core.blocking.every(EVERY_MINUTE, "Redis away", this::reportTroubles);
        core.blocking.every(EVERY_MINUTE, "failures", core.activity.failures()::endMinute);
        core.blocking.every(SELDOM, "revocations", redis.revocationLoader()::loadIfMissing);
        return core;
    }

    /** Takes what the parent has reported so far. */
    private static void takeDeaths(ParentLink link, Charges charges) {
        for (var line = link.nextDeath(); line != null; line = link.nextDeath()) {
            var report = DeathReport.from(line);
            if (report != null) {
                charges.take(report);
            }
        }
    }

    private void reportTroubles() {
        var trouble = BrokerIn.redisTrouble(redis, runs);
        if (trouble != null) {
            LOG.warn("still waiting: {}", trouble);
        }
    }

    private void resize() {
        var runningNanos = runs.executor().runningNanos();
        var lane = core.profile.lane();
        var usual = lane.resizes() ? core.policy.prefetch(runningNanos) : lane.prefetch();
        // While a long task runs nothing is to wait behind it; at other times what waits for Redis leaves room for
        // others.
        var isLong = lane.resizes() && runningNanos >= PrefetchPolicy.LONG.toNanos();
        var wanted = isLong ? usual : Math.max(usual, runs.parked().prefetch());
        var prefetch = Math.min(wanted, out.held().room());
        in.consumer().resize(prefetch, runningNanos > 0);
    }

    private void lookAtHeld() {
        out.held().look(out.outbox());
        in.consumer().full(out.held().isAtBound());
    }

    private static void awaitDeaths(Charges charges, ParentLink link) throws InterruptedException {
        link.awaitDeaths(PARENT_TIMEOUT);
        takeDeaths(link, charges);
        charges.record(link::recorded);
    }

    /** The metrics of this process, as a line of {@link Samples}. Reads counters and never waits. */
    private String metrics() {
        var samples = new Samples();
        core.activity.sample(samples);
        out.completion().sample(samples);
        var running = runs.executor().running();
        samples.add(Metric.RUNNING.series(), running);
        var parked = runs.parked().count();
        samples.add(Metric.BUSY.series(), running + core.inbox.size() + parked);
        samples.add(Metric.REDIS_AWAY.series(), redis.committer().watch().isAway() ? 1 : 0);
        samples.add(Metric.PARKED.series(), parked);
        samples.add(Metric.UNSETTLED.series(), in.consumer().unsettled());
        samples.add(Metric.HELD.series(), out.held().count());
        var reconnects = in.connection().reconnects() + out.publisher().reconnects();
        samples.add(Metric.RECONNECTS.series(), reconnects);
        samples.add(Metric.SUPPRESSED.series(), redis.committer().suppressed());
        samples.add(Metric.RETURNS.series(), out.publisher().returns());
        samples.add(Metric.DOWNLOAD_BYTES.series(), runs.downloader().receivedBytes());
        return samples.line();
    }
}
