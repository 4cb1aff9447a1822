package dev.workerfarm.worker.run;

import dev.workerfarm.wire.Outcome;
import dev.workerfarm.worker.metrics.Histogram;
import dev.workerfarm.worker.metrics.Metric;
import dev.workerfarm.worker.metrics.Samples;
import dev.workerfarm.worker.run.Execution.DeadReason;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/** What a process counts of one task. Threads may share it, without waiting for each other. */
final class TaskCounts {
    private final LongAdder succeeded = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder retried = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final LongAdder revoked = new LongAdder();
    private final Histogram run = new Histogram();
    private final Histogram wait = new Histogram();

    /** A call ended so; what was rejected did not run. */
    void ended(Execution execution, long nanos) {
        if (execution.dead() == DeadReason.WRONG_ARGUMENTS || execution.dead() == DeadReason.UNKNOWN_TASK) {
            rejected.increment();
            return;
        }
        var counter = execution.outcome() instanceof Outcome.Succeeded
                ? succeeded
                : execution.outcome() instanceof Outcome.Postponed ? retried : failed;
        counter.increment();
        run.observe(nanos);
    }

    void revoked() {
        revoked.increment();
    }

    void waited(Duration duration) {
        wait.observe(duration.toNanos());
    }

    void sample(String task, Samples samples) {
        samples.add(series(task, "succeeded"), succeeded.sum());
        samples.add(series(task, "failed"), failed.sum());
        samples.add(series(task, "retried"), retried.sum());
        samples.add(series(task, "rejected"), rejected.sum());
        samples.add(series(task, "revoked"), revoked.sum());
        run.sample(Metric.RUN, task, samples);
        wait.sample(Metric.WAIT, task, samples);
    }

    private static String series(String task, String outcome) {
        return Metric.TASKS.series("task", task, "outcome", outcome);
    }
}
