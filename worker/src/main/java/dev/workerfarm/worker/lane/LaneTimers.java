package dev.workerfarm.worker.lane;

import dev.workerfarm.worker.process.JobThread;

/**
 * A lane's threads for scheduled jobs, so that a job that waits for Redis or the broker delays none that must be in
 * time.
 *
 * @param prompt for jobs that never wait: deaths, and the end of tasks that were revoked
 * @param consuming for jobs that wait for the consuming connection and nothing else: renewal, prefetch, bindings
 * @param blocking for jobs that may wait for Redis, and jobs that may be late
 */
record LaneTimers(JobThread prompt, JobThread consuming, JobThread blocking) implements AutoCloseable {
    LaneTimers() {
        this(
                new JobThread("workerfarm-timer"),
                new JobThread("workerfarm-consuming"),
                new JobThread("workerfarm-blocking"));
    }

    @Override
    public void close() {
        prompt.close();
        consuming.close();
        blocking.close();
    }
}
