package dev.workerfarm.worker.commit;

import dev.workerfarm.error.RedisUnreachableException;
import dev.workerfarm.error.SharedStateException;
import dev.workerfarm.loop.Backoff;
import dev.workerfarm.worker.process.Cancellation;
import dev.workerfarm.worker.process.JobThread;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows whether Redis serves the tasks with shared state. A question without an answer is repeated for {@link #PATIENCE};
 * then Redis counts as away: every question fails at once, and one thread repeats the first one until it is answered. Every
 * question may be asked twice: a read changes nothing, and a commit counts once. Threads may share it.
 */
public final class RedisWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RedisWatch.class);
    static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    private record Away(long sinceNanos, RedisUnreachableException reason) {}

    private final Cancellation cancellation;
    private final JobThread probes = new JobThread("workerfarm-redis-watch");
    private volatile @Nullable Away away;
    private volatile Runnable whenBack = () -> {};

    RedisWatch(Cancellation cancellation) {
        this.cancellation = cancellation;
    }

    /** Runs this whenever Redis is back, on the watch's thread. */
    public void whenBack(Runnable action) {
        whenBack = action;
    }

    public boolean isAway() {
        return away != null;
    }

    /** For how long Redis has been away and why, in words; null: it is not away. */
    public @Nullable String trouble() {
        var now = away;
        return now == null
                ? null
                : "Redis is away for " + millis(now) / 1000 + " s ("
                        + now.reason().getMessage() + ")";
    }

    /** Throws {@link RedisUnreachableException} where Redis is away, or the process has given up what runs. */
    <T extends @Nullable Object> T ask(Supplier<T> question) {
        var backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
        var since = System.nanoTime();
        while (true) {
            var known = away;
            if (known != null) {
                throw new RedisUnreachableException(
                        String.valueOf(known.reason().getMessage()), known.reason());
            }
            try {
                return question.get();
            } catch (RedisUnreachableException e) {
                if (System.nanoTime() - since >= PATIENCE.toNanos()) {
                    lost(since, e, question);
                    throw e;
                }
                if (cancellation.await(backoff.next())) {
                    throw e;
                }
            }
        }
    }

    /** Waits while Redis is away; false if the process gives up what runs. */
    public boolean awaitBack() {
        while (isAway()) {
            if (cancellation.await(FIRST_PAUSE)) {
                return false;
            }
        }
        return !cancellation.isCancelled();
    }

    /** Asks no more; Redis stays away if it is. */
    @Override
    public void close() {
        probes.close();
    }

    /** Runs a job that asks Redis, on the watch's thread; again and again until Redis answers. */
    void untilAnswered(Runnable job) {
        attempt(job, Duration.ZERO, new Backoff(FIRST_PAUSE, LONGEST_PAUSE));
    }

    private void attempt(Runnable job, Duration delay, Backoff backoff) {
        probes.once(delay, "question to Redis", () -> {
            try {
                job.run();
            } catch (RedisUnreachableException e) {
                attempt(job, backoff.next(), backoff);
            }
        });
    }

    private synchronized void lost(long sinceNanos, RedisUnreachableException reason, Supplier<?> question) {
        if (away == null) {
            away = new Away(sinceNanos, reason);
            LOG.warn("waiting for Redis: tasks with shared state do not begin reason={}", reason.getMessage());
            repeat(question, new Backoff(FIRST_PAUSE, LONGEST_PAUSE));
        }
    }

    private void repeat(Supplier<?> question, Backoff backoff) {
        probes.once(backoff.next(), "Redis watch", () -> {
            var isBack = false;
            try {
                if (isAnswered(question)) {
                    back();
                    isBack = true;
                }
            } finally {
                if (!isBack) { // after a fault too: what waits would wait for ever
                    repeat(question, backoff);
                }
            }
        });
    }

    private static boolean isAnswered(Supplier<?> question) {
        try {
            var unused = question.get();
            return true;
        } catch (RedisUnreachableException e) {
            return false;
        } catch (SharedStateException e) {
            LOG.debug("Redis answers, with a refusal reason={}", e.getMessage());
            return true;
        }
    }

    private void back() {
        var was = away;
        synchronized (this) {
            away = null;
        }
        if (was != null) {
            LOG.info("Redis is back awayMs={}", millis(was));
        }
        whenBack.run();
    }

    private static long millis(Away away) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - away.sinceNanos());
    }
}
