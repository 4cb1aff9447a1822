package dev.workerfarm.worker.process;

import dev.workerfarm.loop.Loop;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A daemon thread for scheduled jobs; neither an interrupt nor a fault ends it, as {@link Loop} says. Thread-safe. */
public final class JobThread implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JobThread.class);

    private final ScheduledThreadPoolExecutor thread;

    public JobThread(String name) {
        ThreadFactory daemons = task -> Loop.daemon(name, task);
        this.thread = new ScheduledThreadPoolExecutor(1, daemons, new ThreadPoolExecutor.DiscardPolicy());
        thread.setRemoveOnCancelPolicy(true);
    }

    /** Runs a job again and again, first after one period; also after it has thrown. */
    public void every(Duration period, String name, Runnable job) {
        repeat(period, Loop.job(name, unlessClosed(job)));
    }

    /** As above, for a job whose part cannot work without it: a fault ends the part. */
    public void every(Duration period, String name, Runnable job, Consumer<? super Throwable> end) {
        repeat(period, Loop.job(name, unlessClosed(job), end));
    }

    /** Runs a job once. A fault is logged. */
    public void once(Duration delay, String name, Runnable job) {
        thread.schedule(Loop.job(name, unlessClosed(job)), delay.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Runs a job once. A fault ends its part. */
    public void once(Duration delay, String name, Runnable job, Consumer<? super Throwable> end) {
        thread.schedule(Loop.job(name, unlessClosed(job), end), delay.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Ends the thread: interrupts the job that runs, and drops the others. Harmless when repeated. */
    @Override
    public void close() {
        thread.shutdownNow();
    }

    /** A fault after the end is one of the end: such as a connection that is closed already. */
    private Runnable unlessClosed(Runnable job) {
        return () -> {
            try {
                job.run();
            } catch (RuntimeException e) {
                if (!thread.isShutdown()) {
                    throw e;
                }
                LOG.debug("fault while stopping", e);
            }
        };
    }

    private void repeat(Duration period, Runnable job) {
        thread.scheduleWithFixedDelay(job, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
    }
}
