package dev.workerfarm.worker.commit;

import dev.workerfarm.error.RedisUnreachableException;
import dev.workerfarm.loop.Backoff;
import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.redis.ledger.Commit;
import dev.workerfarm.redis.ledger.Journal;
import dev.workerfarm.redis.ledger.Ledger;
import dev.workerfarm.redis.ledger.Ledger.Entry;
import dev.workerfarm.worker.process.Cancellation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Commits runs to the {@link Ledger}; while Redis is away it waits, so that no finished run is lost. Thread-safe. */
public final class Committer {
    private static final Logger LOG = LoggerFactory.getLogger(Committer.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);
    private static final int MOST_SETTLED = 100_000;
    private static final int MOST_TOLD_AT_ONCE = 1_000;

    private final Ledger ledger;
    private final Cancellation cancellation;
    private final LongAdder suppressed = new LongAdder();
    private final BlockingQueue<TaskRun> settled = new LinkedBlockingQueue<>(MOST_SETTLED);

    public Committer(Ledger ledger, Cancellation cancellation) {
        this.ledger = ledger;
        this.cancellation = cancellation;
    }

    /** Notes for one run, which calls {@code beforeRead} before each question to Redis. */
    Ledger.Notes notes(Runnable beforeRead) {
        return ledger.journal(new Journal.Reader() {
            @Override
            public <T> T read(Supplier<T> question) {
                beforeRead.run();
                return patiently(question);
            }
        });
    }

    @Nullable
    Commit find(TaskRun run) {
        return patiently(() -> ledger.find(run));
    }

    Commit commit(TaskRun run, List<Entry> entries, Ledger.Notes notes) {
        return patiently(() -> ledger.commit(run, entries, notes));
    }

    /** The run's message is acked: {@link #tellSettled} tells the ledger, so that the run's outcomes expire. */
    public void settled(TaskRun run) {
        if (!settled.offer(run)) {
            LOG.debug("too many settled runs wait for Redis, this one is kept for ever taskId={}", run.id());
        }
    }

    /** Tells of all settled runs that wait; where Redis is away they wait on. One thread at a time. */
    public void tellSettled() {
        List<TaskRun> runs = new ArrayList<>();
        while (settled.drainTo(runs, MOST_TOLD_AT_ONCE) > 0) {
            try {
                ledger.settled(runs);
            } catch (RedisUnreachableException e) {
                runs.forEach(this::settled);
                return;
            }
            runs.clear();
        }
    }

    /** So many calls were answered with what had been committed before. */
    public void suppressed(int calls) {
        suppressed.add(calls);
    }

    public long suppressed() {
        return suppressed.sum();
    }

    /** Asks until Redis answers; throws {@link RedisUnreachableException} once the process has given up what runs. */
    private <T extends @Nullable Object> T patiently(Supplier<T> question) {
        var backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
        var since = 0L;
        while (true) {
            try {
                var answer = question.get();
                if (since != 0) {
                    LOG.info("Redis is back awayMs={}", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since));
                }
                return answer;
            } catch (RedisUnreachableException e) {
                if (since == 0) {
                    since = System.nanoTime();
                    LOG.warn("waiting for Redis reason={}", e.getMessage());
                }
                if (cancellation.await(backoff.next())) {
                    throw e;
                }
            }
        }
    }
}
