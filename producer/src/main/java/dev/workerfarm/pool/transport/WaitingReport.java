package dev.workerfarm.pool.transport;

import dev.workerfarm.loop.Loop;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says what a pool waits for, each time that no answer has come for so long, on a thread of its own. */
final class WaitingReport implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WaitingReport.class);

    /**
     * The call that has waited longest.
     *
     * @param due when it is to run, or null: now
     * @param taken whether the broker has its message
     * @param sinceNanos when it was made, by System.nanoTime
     * @param calls how many calls wait
     */
    record Oldest(String queue, @Nullable Instant due, boolean taken, long sinceNanos, int calls) {}

    private final Duration every;
    private final Supplier<@Nullable Oldest> oldest;
    private volatile @Nullable Loop loop;
    /** When an answer came or something was said last, by System.nanoTime. */
    private volatile long lastNanos = System.nanoTime();

    WaitingReport(Duration every, Supplier<@Nullable Oldest> oldest) {
        this.every = every;
        this.oldest = oldest;
    }

    void start(Transport transport) {
        loop = Loop.goingOn("workerfarm-waiting", () -> look(transport)).start();
    }

    void answered() {
        lastNanos = System.nanoTime();
    }

    private void look(Transport transport) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(every.toNanos() / 30);
        if (!isOver(lastNanos)) {
            return;
        }
        var waits = oldest.get();
        if (waits == null || !isOver(waits.sinceNanos())) {
            return;
        }
        var trouble = transport.trouble(waits.queue(), waits.taken());
        var seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - waits.sinceNanos());
        var due = waits.due();
        if (trouble != null) {
            LOG.warn("waiting for results calls={} longestSeconds={} reason={}", waits.calls(), seconds, trouble);
        } else if (due != null && due.isAfter(Instant.now())) {
            LOG.info("waiting for results calls={} longestSeconds={} due={}", waits.calls(), seconds, due);
        } else {
            LOG.info(
                    "waiting for results, their tasks run or wait for a worker calls={} longestSeconds={} queue={}",
                    waits.calls(),
                    seconds,
                    waits.queue());
        }
        lastNanos = System.nanoTime();
    }

    private boolean isOver(long sinceNanos) {
        return System.nanoTime() - sinceNanos >= every.toNanos();
    }

    @Override
    public void close() {
        var started = loop;
        if (started != null) {
            started.stop();
        }
    }
}
