package dev.workerfarm.worker.commit;

import dev.workerfarm.error.RedisUnreachableException;
import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.redis.ledger.Commit;
import dev.workerfarm.redis.ledger.Journal;
import dev.workerfarm.redis.ledger.Ledger;
import dev.workerfarm.redis.ledger.Ledger.Entry;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.OutcomeText;
import dev.workerfarm.worker.process.Cancellation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Commits runs to the {@link Ledger}. Every question throws {@link RedisUnreachableException} as {@link RedisWatch} says. Thread-safe. */
public final class Committer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Committer.class);
    private static final int MOST_SETTLED = 100_000;
    private static final int MOST_TOLD_AT_ONCE = 1_000;

    private final Ledger ledger;
    private final RedisWatch watch;
    private final LongAdder suppressed = new LongAdder();
    private final BlockingQueue<SettledRun> settled = new LinkedBlockingQueue<>(MOST_SETTLED);

    public Committer(Ledger ledger, Cancellation cancellation) {
        this.ledger = ledger;
        this.watch = new RedisWatch(cancellation);
    }

    /** Whether Redis is away. */
    public RedisWatch watch() {
        return watch;
    }

    /** Notes for one run, whose questions to Redis the reader puts. */
    Ledger.Notes notes(Journal.Reader reader) {
        return ledger.journal(reader);
    }

    <T extends @Nullable Object> T ask(Supplier<T> question) {
        return watch.ask(question);
    }

    @Nullable
    Commit find(TaskRun run) {
        return watch.ask(() -> ledger.find(run));
    }

    /**
     * Notes where a chunk's message is cut, before the items behind go elsewhere. Asks once; false where another run has cut it, or
     * Redis is away.
     */
    public boolean cut(TaskRun run, int end, boolean again) {
        return !watch.isAway() && ledger.cut(run, end, again);
    }

    /** Where a run before has cut a chunk's message, or {@code to}: nowhere. Throws RedisAway where Redis is away. */
    public int end(TaskRun run, int to) {
        try {
            return watch.ask(() -> ledger.end(run, to));
        } catch (RedisUnreachableException e) {
            throw new RedisAway(null, e);
        }
    }

    /**
     * The retry that was committed for a call cannot be published: this failure takes its place, unless another run was faster.
     * Completes with the outcome that counts, on another thread; while Redis is away, later. A retry counts where another run has
     * published it, and it ran and is to run once more.
     */
    public CompletableFuture<Outcome> insteadOf(TaskRun run, Outcome.Postponed retry, Outcome.Failed failure) {
        var counts = new CompletableFuture<Outcome>();
        watch.untilAnswered(() -> {
            var kept = ledger.replace(
                    run,
                    0,
                    OutcomeText.of(retry).text(),
                    OutcomeText.of(failure).text());
            counts.complete(OutcomeText.read(kept));
        });
        return counts;
    }

    Commit commit(TaskRun run, List<Entry> entries, Ledger.Notes notes) {
        return watch.ask(() -> ledger.commit(run, entries, notes));
    }

    /** The run's message is acked: {@link #tellSettled} tells the ledger, so that the run's outcomes expire. */
    public void settled(SettledRun part) {
        if (!settled.offer(part)) {
            var id = part.run().id();
            LOG.debug("too many settled runs wait for Redis, the outcome of this one is kept longer taskId={}", id);
        }
    }

    /** Tells of all settled runs that wait; where Redis is away they wait on. One thread at a time. */
    public void tellSettled() {
        List<SettledRun> runs = new ArrayList<>();
        while (settled.drainTo(runs, MOST_TOLD_AT_ONCE) > 0) {
            try {
                ledger.settled(runs.stream()
                        .filter(SettledRun::isWhole)
                        .map(SettledRun::run)
                        .toList());
                runs.stream()
                        .filter(part -> !part.isWhole())
                        .forEach(part -> ledger.settledPart(part.run(), part.from(), part.to(), part.of()));
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

    @Override
    public void close() {
        watch.close();
    }
}
