package dev.workerfarm.worker.commit;

import dev.workerfarm.redis.TaskRun;

/**
 * What a message has settled once it is acked: the calls from one index up to and without another, of so many that the outcomes
 * of its {@link TaskRun#root} are about.
 */
public record SettledRun(TaskRun run, int from, int to, int of) {
    /** All calls of a message that is no part of another. */
    public static SettledRun whole(TaskRun run) {
        return new SettledRun(run, 0, 1, 1);
    }

    boolean isWhole() {
        return run.id().equals(run.root());
    }
}
