package dev.workerfarm.loop;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A long-lived loop on a daemon thread of its own, which cannot end without a word. An unexpected exception or error in a
 * pass is logged with the loop's name; then, by the rule chosen at its making, the loop goes on or its part ends. An
 * interrupt ends the loop only after {@link #stop}. Threads may share it.
 */
public final class Loop {
    private static final Logger LOG = LoggerFactory.getLogger(Loop.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    /** One pass: waits for work and does it. */
    @FunctionalInterface
    public interface Pass {
        /**
         * Does one pass.
         *
         * @throws InterruptedException at {@link Loop#stop}; after a stray interrupt the next pass begins
         */
        void run() throws InterruptedException;
    }

    /** The rule for a fault. */
    private interface Rule {
        /** Whether the loop goes on. */
        boolean after(Throwable fault);
    }

    private final String name;
    private final Pass pass;
    private final Rule rule;
    private final Thread thread;
    private volatile boolean stopped;

    private Loop(String name, Pass pass, Rule rule) {
        this.name = name;
        this.pass = pass;
        this.rule = rule;
        this.thread = daemon(name, this::run);
    }

    /**
     * A loop that goes on after a fault, after a pause that grows from 100 ms to 5 s. Of faults that follow each other only
     * the first is logged.
     *
     * @param name the thread's name
     */
    public static Loop goingOn(String name, Pass pass) {
        return new Loop(name, pass, goOn(name));
    }

    /**
     * A loop that a fault ends.
     *
     * @param name the thread's name
     * @param end ends the part that cannot work without this loop; called once, on the loop's thread, which ends with it
     */
    public static Loop ending(String name, Pass pass, Consumer<? super Throwable> end) {
        return new Loop(name, pass, endPart(name, end));
    }

    /**
     * A job for a scheduled executor, which would drop a job that throws: this one is run again as scheduled. Of faults that
     * follow each other only the first is logged.
     *
     * @param name for the log
     */
    public static Runnable job(String name, Runnable job) {
        var failing = new AtomicBoolean();
        return () -> {
            try {
                job.run();
                failing.set(false);
            } catch (Throwable fault) { // an Error too: the executor would drop the job
                if (!failing.getAndSet(true)) {
                    LOG.error("unexpected fault in a scheduled job, it is run again as scheduled job={}", name, fault);
                }
            }
        };
    }

    /**
     * A job for a scheduled executor whose fault ends its part.
     *
     * @param name for the log
     * @param end ends the part that cannot work without this job; called at each fault
     */
    public static Runnable job(String name, Runnable job, Consumer<? super Throwable> end) {
        return () -> {
            try {
                job.run();
            } catch (Throwable fault) { // an Error too: the executor would drop the job
                LOG.error("unexpected fault in a scheduled job, its part ends job={}", name, fault);
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

    /** Whether {@link #stop} was called. */
    public boolean isStopped() {
        return stopped;
    }

    /** Whether the thread still runs. */
    public boolean isAlive() {
        return thread.isAlive();
    }

    /** Interrupts the pass that runs, which is to see why by itself. */
    public void interrupt() {
        thread.interrupt();
    }

    /**
     * Waits for the end of the thread.
     *
     * @return false if the timeout came first
     */
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
                } else if (!failing) {
                    if (!rule.after(fault)) {
                        return;
                    }
                    failing = true;
                }
            }
        }
    }

    private static Rule goOn(String name) {
        return fault -> {
            LOG.error("unexpected fault, the loop goes on loop={}", name, fault);
            return true;
        };
    }

    private static Rule endPart(String name, Consumer<? super Throwable> end) {
        return fault -> {
            try {
                LOG.error("unexpected fault, the loop and its part end loop={}", name, fault);
            } finally { // where there is no memory left to log
                end.accept(fault);
            }
            return false;
        };
    }
}
