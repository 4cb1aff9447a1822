package dev.workerfarm.worker.commit;

import dev.workerfarm.error.RedisUnreachableException;
import dev.workerfarm.redis.TaskRun;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The runs whose messages were settled, until the {@link Ledger} has noted it and lets their outcomes expire. Nothing waits
 * for that: what a process has not reported when it dies stays in Redis. Threads may share it.
 */
public final class SettledRuns {
    private static final Logger LOG = LoggerFactory.getLogger(SettledRuns.class);
    private static final int MOST_AT_ONCE = 1_000;
    private static final int MOST_WAITING = 100_000;

    private final Ledger ledger;
    private final BlockingQueue<TaskRun> waiting = new LinkedBlockingQueue<>(MOST_WAITING);

    public SettledRuns(Ledger ledger) {
        this.ledger = ledger;
    }

    /** Its message is acked. */
    public void add(TaskRun run) {
        if (!waiting.offer(run)) {
            LOG.debug("too many settled runs wait for Redis, this one is kept for ever taskId={}", run.id());
        }
    }

    /** Tells the ledger of all that wait; where Redis is away they wait on. One thread at a time. */
    public void tell() {
        List<TaskRun> runs = new ArrayList<>();
        while (waiting.drainTo(runs, MOST_AT_ONCE) > 0) {
            try {
                ledger.settled(runs);
            } catch (RedisUnreachableException e) {
                runs.forEach(this::add);
                return;
            }
            runs.clear();
        }
    }
}
