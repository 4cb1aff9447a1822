package dev.workerfarm.worker.lane;

import dev.workerfarm.worker.config.LaneProfile;
import dev.workerfarm.worker.delivery.Delivery;
import dev.workerfarm.worker.delivery.PrefetchPolicy;
import dev.workerfarm.worker.link.RunningFile;
import dev.workerfarm.worker.process.Cancellation;
import dev.workerfarm.worker.run.Activity;
import dev.workerfarm.worker.run.Revocations;
import java.time.Clock;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * What the parts of a lane share. All of it is in memory: nothing here connects, or runs by itself.
 *
 * @param inbox deliveries that wait to run
 * @param cancellation set once the process gives up what runs
 * @param running what runs, for the parent to read after a crash
 */
record LaneCore(
        LaneProfile profile,
        LaneEnd end,
        LaneTimers timers,
        RunningFile running,
        BlockingQueue<Delivery> inbox,
        Cancellation cancellation,
        Revocations revocations,
        Activity activity,
        PrefetchPolicy policy) {

    LaneCore(LaneProfile profile, LaneEnd end, LaneTimers timers, RunningFile running) {
        this(
                profile,
                end,
                timers,
                running,
                new LinkedBlockingQueue<>(),
                new Cancellation(),
                new Revocations(),
                new Activity(Clock.systemUTC()),
                new PrefetchPolicy());
    }
}
