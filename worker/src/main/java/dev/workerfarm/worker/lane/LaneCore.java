package dev.workerfarm.worker.lane;

import dev.workerfarm.worker.config.LaneProfile;
import dev.workerfarm.worker.config.WorkerSettings;
import dev.workerfarm.worker.delivery.Delivery;
import dev.workerfarm.worker.delivery.PrefetchPolicy;
import dev.workerfarm.worker.link.RunningFile;
import dev.workerfarm.worker.process.Cancellation;
import dev.workerfarm.worker.process.JobThread;
import dev.workerfarm.worker.run.Activity;
import dev.workerfarm.worker.run.Revocations;
import dev.workerfarm.worker.run.cut.Cuts;
import java.time.Clock;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * What the parts of a lane share, all of it in memory. The threads for scheduled jobs are four, so that a job that
 * waits for Redis or the broker delays none that must be in time.
 */
final class LaneCore implements AutoCloseable {
    /** For jobs that never wait: deaths, and the end of tasks that were revoked. */
    final JobThread prompt = new JobThread("workerfarm-timer");
    /** For jobs that wait for the consuming connection and nothing else: renewal, prefetch, bindings. */
    final JobThread consuming = new JobThread("workerfarm-consuming");
    /** For jobs that may wait for Redis, and jobs that may be late. */
    final JobThread blocking = new JobThread("workerfarm-blocking");
    /** For the cuts of chunks, which may wait for the broker and for Redis. */
    final JobThread cutting = new JobThread("workerfarm-cuts");
    /** Deliveries that wait to run. */
    final BlockingQueue<Delivery> inbox = new LinkedBlockingQueue<>();

    final Cancellation cancellation = new Cancellation();
    final Revocations revocations = new Revocations();
    final Cuts cuts = new Cuts();
    final Activity activity = new Activity(Clock.systemUTC());
    final PrefetchPolicy policy = new PrefetchPolicy();
    final LaneProfile profile;
    final WorkerSettings config;
    final LaneEnd end;
    /** What runs, for the parent to read after a crash. */
    final RunningFile running;

    LaneCore(LaneProfile profile, LaneEnd end, RunningFile running) {
        this.profile = profile;
        this.config = profile.config();
        this.end = end;
        this.running = running;
    }

    /** Ends the threads. */
    @Override
    public void close() {
        prompt.close();
        consuming.close();
        blocking.close();
        cutting.close();
    }
}
