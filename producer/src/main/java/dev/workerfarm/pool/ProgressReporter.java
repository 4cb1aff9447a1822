package dev.workerfarm.pool;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts a map's ended items and tells a listener, which may be slow, on another thread. Threads may share it. */
final class ProgressReporter {
    private static final Logger LOG = LoggerFactory.getLogger(ProgressReporter.class);

    private final @Nullable ProgressListener listener;
    private final long total;
    private final Executor threads;
    private long done; // guarded by this
    private long reported; // guarded by this
    private boolean reporting; // guarded by this

    /**
     * @param listener or null: nobody listens
     * @param total how many items there are, or -1: unknown
     */
    ProgressReporter(@Nullable ProgressListener listener, long total, Executor threads) {
        this.listener = listener;
        this.total = total;
        this.threads = threads;
    }

    /** So many items more have ended. Returns at once. */
    synchronized void done(int items) {
        done += items;
        var hears = listener;
        if (hears != null && !reporting) {
            reporting = true;
            threads.execute(() -> report(hears));
        }
    }

    private void report(ProgressListener listener) {
        for (var count = next(); count >= 0; count = next()) {
            try {
                listener.progressed(count, total);
            } catch (Throwable e) { // a stranger's code, Errors too: the map goes on, and so do the reports
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
