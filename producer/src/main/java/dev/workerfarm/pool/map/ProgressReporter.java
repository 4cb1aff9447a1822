package dev.workerfarm.pool.map;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts a map's ended items and reports the count to a listener, which may be slow, on another thread. Threads may share it. */
public final class ProgressReporter {
    private static final Logger LOG = LoggerFactory.getLogger(ProgressReporter.class);

    private final @Nullable ProgressListener listener;
    private final long total;
    private final Executor threads;

    @GuardedBy("this")
    private long done;

    @GuardedBy("this")
    private long reported;

    @GuardedBy("this")
    private boolean reporting;

    /** @param total how many items there are, or -1: unknown */
    public ProgressReporter(@Nullable ProgressListener listener, long total, Executor threads) {
        this.listener = listener;
        this.total = total;
        this.threads = threads;
    }

    /** Counts items that have ended. Returns at once. */
    synchronized void done(int items) {
        done += items;
        var reportedTo = listener;
        if (reportedTo != null && !reporting) {
            reporting = true;
            try {
                threads.execute(() -> report(reportedTo));
            } catch (Throwable e) { // no thread could be started: the map goes on, and the next item tries again
                reporting = false;
                LOG.warn("progress not reported", e);
            }
        }
    }

    private void report(ProgressListener listener) {
        for (var count = next(); count >= 0; count = next()) {
            try {
                listener.progressed(count, total);
            } catch (Throwable e) { // the caller's code, Errors too: the map goes on, and so do the reports
                LOG.warn("progress listener failed", e);
            }
        }
    }

    /** The count to report, or -1: nothing new. */
    private synchronized long next() {
        if (reported == done) {
            reporting = false;
            return -1;
        }
        reported = done;
        return done;
    }
}
