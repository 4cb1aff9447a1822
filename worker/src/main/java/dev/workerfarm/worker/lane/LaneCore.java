package dev.workerfarm.worker.lane;

import dev.workerfarm.worker.config.LaneProfile;
import dev.workerfarm.worker.delivery.Delivery;
import dev.workerfarm.worker.delivery.PrefetchPolicy;
import dev.workerfarm.worker.link.RunningFile;
import dev.workerfarm.worker.process.Cancellation;
import dev.workerfarm.worker.process.JobThread;
import dev.workerfarm.worker.run.Activity;
import dev.workerfarm.worker.run.Revocations;
import java.time.Clock;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * What the parts of a lane share, all of it in memory. The threads for scheduled jobs are three, so that a job that waits
 * for Redis or the broker delays none that must be in time.
 *
 * @param running what runs, for the parent to read after a crash
 * @param prompt for jobs that never wait: deaths, and the end of tasks that were revoked
 * @param consuming for jobs that wait for the consuming connection and nothing else: renewal, prefetch, bindings
 * @param blocking for jobs that may wait for Redis, and jobs that may be late
 * @param inbox deliveries that wait to run
 * @param cancellation set once the process gives up what runs
 */
record LaneCore(
        LaneProfile profile,
        LaneEnd end,
        RunningFile running,
        JobThread prompt,
        JobThread consuming,
        JobThread blocking,
        BlockingQueue<Delivery> inbox,
        Cancellation cancellation,
        Revocations revocations,
        Activity activity,
        PrefetchPolicy policy)
        implements AutoCloseable {

    LaneCore(LaneProfile profile, LaneEnd end, RunningFile running) {
        this(
                profile,
                end,
                running,
                new JobThread("workerfarm-timer"),
                new JobThread("workerfarm-consuming"),
                new JobThread("workerfarm-blocking"),
                new LinkedBlockingQueue<>(),
                new Cancellation(),
                new Revocations(),
                new Activity(Clock.systemUTC()),
                new PrefetchPolicy());
    }

    /** Ends the threads. */
    @Override
    public void close() {
        prompt.close();
        consuming.close();
        blocking.close();
    }
}
