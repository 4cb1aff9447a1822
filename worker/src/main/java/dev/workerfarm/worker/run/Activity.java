package dev.workerfarm.worker.run;

import dev.workerfarm.wire.Outcome;
import dev.workerfarm.worker.metrics.Samples;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The runs of a worker process at this moment, and counts of those that ended. Threads may share it. */
public final class Activity {
    /** One run under way; told apart by identity, as twins of one id may run. */
    @SuppressWarnings("ClassCanBeRecord") // a record's equality would make twins one
    public static final class Run {
        private final String id;
        private final String task;
        private final TaskCounts counts;
        private final long startNanos;

        private Run(String id, String task, TaskCounts counts, long startNanos) {
            this.id = id;
            this.task = task;
            this.counts = counts;
            this.startNanos = startNanos;
        }

        /** The task's id, or {@code <map id>:<index>}. */
        public String id() {
            return id;
        }

        /** The task's name. */
        public String task() {
            return task;
        }

        /** When it began, by System.nanoTime. */
        public long startNanos() {
            return startNanos;
        }
    }

    /** The label of messages that name no task of ours: their own names would be labels without end. */
    public static final String UNKNOWN = "unknown";

    /** A longer wait is a mistake in the message, or somebody's joke. */
    private static final Duration LONGEST_WAIT = Duration.ofDays(366);

    private final Clock clock;
    private final Set<Run> running = ConcurrentHashMap.newKeySet();
    private final Map<String, TaskCounts> counts = new ConcurrentHashMap<>();
    private final LongAdder succeeded = new LongAdder();
    private final LongAdder failed = new LongAdder();

    /** @param clock tells how long messages have waited */
    public Activity(Clock clock) {
        this.clock = clock;
    }

    /** A message's turn has come; one that does not say when it was published is not counted. */
    void taken(String task, @Nullable Instant published) {
        if (published == null) {
            return;
        }
        var wait = Duration.between(published, clock.instant());
        if (wait.compareTo(LONGEST_WAIT) < 0) {
            counts(task).waited(wait.isNegative() ? Duration.ZERO : wait); // the publisher's clock may be ahead
        }
    }

    /** The code of a registered task is about to run. */
    Run begin(String id, String task) {
        var run = new Run(id, task, counts(task), System.nanoTime());
        running.add(run);
        return run;
    }

    /** It has ended so. */
    void end(Run run, Execution execution) {
        var nanos = System.nanoTime() - run.startNanos;
        running.remove(run);
        run.counts.ended(execution, nanos);
        (execution.outcome() instanceof Outcome.Succeeded ? succeeded : failed).increment();
    }

    /** It did not run, as it was revoked. */
    void revoked(String task) {
        counts(task).revoked();
    }

    /** What runs now, the longest first. */
    public List<Run> running() {
        return running.stream()
                .sorted(Comparator.comparingLong(Run::startNanos))
                .toList();
    }

    /** How many runs ended well since the process began. */
    public long succeeded() {
        return succeeded.sum();
    }

    /** How many runs failed since the process began. */
    public long failed() {
        return failed.sum();
    }

    /** Adds what was counted by task. */
    public void sample(Samples samples) {
        counts.forEach((task, each) -> each.sample(task, samples));
    }

    private TaskCounts counts(String task) {
        var known = counts.get(task); // without the lock that computeIfAbsent may take
        return known == null ? counts.computeIfAbsent(task, first -> new TaskCounts()) : known;
    }
}
