package dev.workerfarm.worker.lane;

import dev.workerfarm.worker.link.ParentLink;
import dev.workerfarm.worker.process.ExitCode;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** When a lane is to stop, and its exit code. Threads may share it. */
final class LaneStop {
    private static final Logger LOG = LoggerFactory.getLogger(LaneStop.class);

    private static final Duration LAST_SECOND = Duration.ofSeconds(1);
    /** For what follows the drain time: connections that are closed, and in a process shutdown hooks. */
    static final Duration GRACE = Duration.ofSeconds(5);

    private final BlockingQueue<Duration> requests = new LinkedBlockingQueue<>();
    private final AtomicInteger exit = new AtomicInteger(ExitCode.STOPPED);
    private final ParentLink link;
    private final Duration drain;

    LaneStop(ParentLink link, Duration drain) {
        this.link = link;
        this.drain = drain;
    }

    /** Asks the lane to drain and stop; called again, it hurries. */
    void request() {
        request(drain);
    }

    /** As {@link #request()}, with another drain time. */
    void request(Duration time) {
        requests.add(time);
    }

    /** Has the lane end with this code: at once with {@link ExitCode#HARD_LIMIT} and {@link ExitCode#LOOP_DIED}. */
    void end(int code) {
        exit.set(code);
        if (code == ExitCode.HARD_LIMIT) {
            link.ending(LAST_SECOND); // a stuck process needs a signal to end
        } else if (code == ExitCode.RECYCLED) {
            link.recycled();
            link.ending(drain.plus(GRACE));
        }
        var isAtOnce = code == ExitCode.HARD_LIMIT || code == ExitCode.LOOP_DIED;
        requests.add(isAtOnce ? Duration.ZERO : drain);
    }

    /** Waits until the lane is to stop, and drains it; returns the exit code. */
    int await(LaneWorker worker) throws InterruptedException {
        worker.drain(awaitRequest(), requests);
        return exit.get();
    }

    /** The first request. An interrupt is none: a task may interrupt every thread of its group, this one among them. */
    Duration awaitRequest() {
        while (true) {
            try {
                return requests.take();
            } catch (InterruptedException e) {
                LOG.debug("stray interrupt ignored", e);
            }
        }
    }
}
