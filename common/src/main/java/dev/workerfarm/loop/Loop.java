package dev.workerfarm.loop;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A long-lived loop on a daemon thread of its own. A fault in a pass is logged with the loop's name; then the loop goes
 * on, or its part ends. An interrupt ends the loop only after {@link #stop}. Threads may share it.
 */
public final class Loop {
    private static final Logger LOG = LoggerFactory.getLogger(Loop.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    /** One pass: waits for work and does it; after an interrupt that is not {@link Loop#stop} the next one begins. */
    @FunctionalInterface
    public interface Pass {
        void run() throws InterruptedException;
    }

    private final String name;
    private final Pass pass;
    private final @Nullable Consumer<? super Throwable> end;
    private final Thread thread;
    private volatile boolean stopped;

    private Loop(String name, Pass pass, @Nullable Consumer<? super Throwable> end) {
        this.name = name;
        this.pass = pass;
        this.end = end;
        this.thread = daemon(name, this::run);
    }

    /** A loop that goes on after a fault, after a pause from 100 ms to 5 s. Only the first fault in a row is logged. */
    public static Loop goingOn(String name, Pass pass) {
        return new Loop(name, pass, null);
    }

    /** A loop that a fault ends; {@code end}, called once on its thread, ends the part that cannot work without it. */
    public static Loop ending(String name, Pass pass, Consumer<? super Throwable> end) {
        return new Loop(name, pass, end);
    }

    /** A job that its scheduled executor does not drop when it throws. Only the first fault in a row is logged. */
    public static Runnable job(String name, Runnable job) {
        var failing = new AtomicBoolean();
        return () -> {
            try {
                job.run();
                failing.set(false);
            } catch (Throwable fault) { // an Error too: the executor would drop the job
                if (!failing.getAndSet(true)) {
                    log("unexpected fault in a scheduled job, it is run again as scheduled job={}", name, fault);
                }
            }
        };
    }

    /** A job for a scheduled executor; each fault ends the part that cannot work without this job. */
    public static Runnable job(String name, Runnable job, Consumer<? super Throwable> end) {
        return () -> {
            try {
                job.run();
            } catch (Throwable fault) { // an Error too: the executor would drop the job
                log("unexpected fault in a scheduled job, its part ends job={}", name, fault);
                end.accept(fault);
            }
        };
    }

    /** A daemon thread that is not started. */
    public static Thread daemon(String name, Runnable task) {
        var thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** Starts the thread; once. */
    public Loop start() {
        thread.start();
        return this;
    }

    /** Asks for the end: interrupts a pass that waits, and no other pass begins. Harmless when repeated. */
    public void stop() {
        stopped = true;
        thread.interrupt();
    }

    /** The pass that runs is the last one: no other begins, and nothing is interrupted. */
    public void stopAfterThisPass() {
        stopped = true;
    }

    public boolean isStopped() {
        return stopped;
    }

    /** Interrupts the running pass without stopping the loop. */
    public void interrupt() {
        thread.interrupt();
    }

    /** Waits for the end of the thread. Returns false if the timeout came first. */
    public boolean join(Duration timeout) throws InterruptedException {
        thread.join(Math.max(1, timeout.toMillis()));
        return !thread.isAlive();
    }

    private void run() {
        var backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
        var failing = false;
        while (!stopped) {
            try {
                if (failing) {
                    Thread.sleep(backoff.next().toMillis());
                }
                pass.run();
                if (failing) {
                    LOG.info("the loop works again loop={}", name);
                    failing = false;
                    backoff.reset();
                }
            } catch (InterruptedException e) {
                if (!stopped) {
                    LOG.debug("stray interrupt ignored loop={}", name);
                }
            } catch (Throwable fault) { // an Error too: without this loop its part would wait for ever
                if (stopped) {
                    LOG.debug("fault while stopping loop={}", name, fault);
                } else if (end != null) {
                    log("unexpected fault, the loop and its part end loop={}", name, fault);
                    end.accept(fault);
                    return;
                } else if (!failing) {
                    log("unexpected fault, the loop goes on loop={}", name, fault);
                    failing = true;
                }
            }
        }
    }

    private static void log(String text, String name, Throwable fault) {
        try {
            LOG.error(text, name, fault);
        } catch (Throwable another) { // such as no memory, or the fault's own getMessage
            System.err.println(
                    text.replace("{}", name) + " fault=" + fault.getClass().getName());
        }
    }
}
