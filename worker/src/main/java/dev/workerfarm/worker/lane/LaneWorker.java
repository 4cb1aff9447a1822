package dev.workerfarm.worker.lane;

import dev.workerfarm.config.Durations;
import dev.workerfarm.worker.config.Lane;
import dev.workerfarm.worker.config.LaneProfile;
import dev.workerfarm.worker.config.WorkerSettings;
import dev.workerfarm.worker.control.ProcessMetrics;
import dev.workerfarm.worker.crash.Charges;
import dev.workerfarm.worker.link.ParentLink;
import dev.workerfarm.worker.link.RunningFile;
import dev.workerfarm.worker.process.ExitCode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One lane at work: everything between its queues and its acks, put together here. Opened, drained and closed by the
 * process that it lives in.
 */
final class LaneWorker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LaneWorker.class);
    private static final Duration PARENT_TIMEOUT = Duration.ofSeconds(2);

    private final Parts parts;
    private final LaneCore core;
    private final RedisSide redis;
    private final BrokerOut out;
    private final RunSide runs;
    private final BrokerIn in;

    /** Read from top to bottom this is the order of the start, and from bottom to top that of the stop. */
    private LaneWorker(Parts parts, LaneProfile profile, ParentLink link, @Nullable Path runningFile, IntConsumer exit)
            throws InterruptedException {
        this.parts = parts;
        var running = RunningFile.open(runningFile, profile.processName(), profile.concurrency());
        var timers = parts.start("timers", LaneTimers::new, LaneTimers::close);
        this.core = new LaneCore(profile, new LaneEnd(running, exit), timers, running);
        // Before the broker: the first connection to Redis takes long, and is opened meanwhile on another thread.
        this.redis = parts.start("redis", () -> RedisSide.start(core), RedisSide::close);
        // Before whatever may have an outcome to publish.
        this.out = parts.start("broker out", () -> BrokerOut.start(core, redis), BrokerOut::close);
        this.runs = parts.start("runs", () -> RunSide.start(core, redis, out, exit), RunSide::close);
        // Before the broker delivers here what other processes have died of.
        parts.start("deaths", () -> awaitDeaths(link), deaths -> {});
        this.in = parts.start("broker in", () -> BrokerIn.start(core, redis, out, runs, link), BrokerIn::close);
        // Last, and stopped first: its jobs use all the others.
        parts.start("housekeeping", () -> Housekeeping.start(core, redis, runs, in, link), LaneTimers::close);
        link.answer(ParentLink.METRICS, metrics()::line);
        LOG.info("ready worker={} queues={}", profile.workerName(), profile.queues());
    }

    /**
     * Connects and begins to consume.
     *
     * @param name the process's name, such as {@code cpu-1}
     * @param runningFile where to write what runs, or null: nowhere
     * @param exit takes the exit code when this process is to be drained and replaced; with {@link ExitCode#HARD_LIMIT}
     *     and {@link ExitCode#LOOP_DIED} at once
     * @throws dev.workerfarm.error.BrokerUnreachableException if the broker is not there; the process is then to end
     */
    static LaneWorker open(
            Lane lane,
            String name,
            WorkerSettings config,
            ParentLink link,
            @Nullable Path runningFile,
            IntConsumer exit)
            throws InterruptedException {
        var parts = new Parts();
        try {
            return new LaneWorker(parts, LaneProfile.of(lane, name, config), link, runningFile, exit);
        } catch (Throwable e) {
            parts.close();
            throw e;
        }
    }

    /**
     * Takes no more and waits until what runs is settled, the drain time is over, or something arrives in {@code
     * hurry}. What is then unfinished goes back to its queue.
     */
    void drain(Duration drain, BlockingQueue<Duration> hurry) throws InterruptedException {
        var workerName = core.profile().workerName();
        LOG.info("stopping worker={} drainMs={}", workerName, drain.toMillis());
        var settled = in.consumer().stop();
        settled.thenRun(() -> hurry.add(Duration.ZERO));
        try {
            if (hurry.poll(Durations.nanos(drain), TimeUnit.NANOSECONDS) != null) {
                settled.get(0, TimeUnit.SECONDS);
            }
        } catch (TimeoutException | ExecutionException e) {
            LOG.debug("hurried");
        }
        var running = runs.executor().running();
        // A run that is settled has ended, though its thread may not have counted it yet. Where nothing runs, a confirm
        // is
        // missing, or the broker's answer to the end of a subscription.
        if (running > 0 && !settled.isDone()) {
            LOG.warn(
                    "giving back what still runs worker={} running={} drainMs={}",
                    workerName,
                    running,
                    drain.toMillis());
        }
        core.running().stop(); // from here on nobody is to be charged
        runs.executor().abandon();
        redis.charges().forget();
        out.flush();
        redis.committer().tellSettled();
        LOG.info("stopped worker={}", workerName);
    }

    /** Stops the parts and closes their connections, the consuming one first. */
    @Override
    public void close() {
        parts.close();
    }

    private Charges awaitDeaths(ParentLink link) throws InterruptedException {
        link.awaitDeaths(PARENT_TIMEOUT);
        Housekeeping.takeDeaths(link, redis.charges());
        redis.charges().record(link::recorded);
        return redis.charges();
    }

    private ProcessMetrics metrics() {
        return new ProcessMetrics(
                core.activity(),
                core.inbox(),
                runs.executor(),
                in.consumer(),
                out.completion(),
                redis.committer(),
                out.publisher(),
                in.connection(),
                runs.downloader());
    }
}
