package dev.workerfarm.worker.run;

import dev.workerfarm.wire.Outcome;
import dev.workerfarm.worker.commit.GuardedCalls;
import dev.workerfarm.worker.metrics.Histogram;
import dev.workerfarm.worker.metrics.Metric;
import dev.workerfarm.worker.metrics.Samples;
import dev.workerfarm.worker.run.Execution.DeadReason;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The runs of a worker process at this moment, and counts of those that ended. Threads may share it. */
public final class Activity {
    /** One run under way of a task, or of {@code <map id>:<index>}. */
    public record Run(String id, String task, long startNanos) {}

    /** The label of messages that name no task of ours: their own names would be labels without end. */
    public static final String UNKNOWN = "unknown";

    /** A longer wait means a wrong timestamp: do not count it. */
    private static final Duration LONGEST_WAIT = Duration.ofDays(366);

    private final Clock clock;
    private final Set<RunningCalls> running = ConcurrentHashMap.newKeySet();
    private final Map<String, TaskCounts> counts = new ConcurrentHashMap<>();
    private final LongAdder succeeded = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final FailureLog failures = new FailureLog();

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
            counts(task).wait.observe(Math.max(0, wait.toNanos())); // the publisher's clock may be ahead
        }
    }

    void enter(RunningCalls calls) {
        running.add(calls);
    }

    void leave(RunningCalls calls) {
        running.remove(calls);
        if (calls.uncounted() > 0) {
            succeeded.add(calls.uncounted());
            calls.counts().succeeded(calls.uncounted(), calls.counted());
        }
    }

    /** The present one of these calls has ended so. */
    void ended(RunningCalls calls, Outcome outcome) {
        if (outcome == GuardedCalls.abandoned()) {
            return; // it is made again
        }
        var hasSucceeded = outcome instanceof Outcome.Succeeded;
        if (hasSucceeded && calls.isCountedLater()) {
            return;
        }
        var before = calls.uncounted();
        if (before > 0) {
            succeeded.add(before);
            calls.counts().succeeded(before, 0);
        }
        calls.counts().ended(outcome, calls.counted());
        (hasSucceeded ? succeeded : failed).increment();
    }

    void revoked(String task) {
        counts(task).count(TaskCounts.End.REVOKED);
    }

    public FailureLog failures() {
        return failures;
    }

    /** What runs now, the longest first. */
    public List<Run> running() {
        return running.stream()
                .map(RunningCalls::present)
                .filter(Objects::nonNull)
                .sorted(Comparator.comparingLong(Run::startNanos))
                .toList();
    }

    public long succeeded() {
        return succeeded.sum();
    }

    public long failed() {
        return failed.sum();
    }

    public void sample(Samples samples) {
        counts.forEach((task, each) -> each.sample(task, samples));
    }

    TaskCounts counts(String task) {
        var known = counts.get(task); // without the lock that computeIfAbsent may take
        return known == null ? counts.computeIfAbsent(task, first -> new TaskCounts()) : known;
    }

    /** What a process counts of one task. Threads may share it, without waiting for each other. */
    static final class TaskCounts {
        private enum End {
            SUCCEEDED,
            FAILED,
            RETRIED,
            REJECTED,
            REVOKED
        }

        private final Map<End, LongAdder> ends = new EnumMap<>(End.class);
        private final Histogram run = new Histogram();
        private final Histogram wait = new Histogram();

        TaskCounts() {
            for (var end : End.values()) {
                ends.put(end, new LongAdder());
            }
        }

        /** A call ended so; what was rejected did not run. */
        void ended(Outcome outcome, long nanos) {
            if (DeadReason.of(outcome) == DeadReason.WRONG_ARGUMENTS) {
                count(End.REJECTED);
                return;
            }
            var isPostponed = outcome instanceof Outcome.Postponed;
            count(outcome instanceof Outcome.Succeeded ? End.SUCCEEDED : isPostponed ? End.RETRIED : End.FAILED);
            run.observe(nanos);
        }

        /** So many short calls took so long together. */
        void succeeded(int calls, long nanos) {
            Objects.requireNonNull(ends.get(End.SUCCEEDED)).add(calls);
            run.observe(nanos, calls);
        }

        void count(End end) {
            Objects.requireNonNull(ends.get(end)).increment();
        }

        void sample(String task, Samples samples) {
            ends.forEach((end, count) -> {
                var outcome = end.name().toLowerCase(Locale.ROOT);
                samples.add(Metric.TASKS.series("task", task, "outcome", outcome), count.sum());
            });
            run.sample(Metric.RUN, task, samples);
            wait.sample(Metric.WAIT, task, samples);
        }
    }
}
