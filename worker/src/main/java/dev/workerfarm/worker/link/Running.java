package dev.workerfarm.worker.link;

import dev.workerfarm.redis.TaskRun;

/**
 * One message under way in a process.
 *
 * @param task the message's task
 * @param queue where it came from
 * @param index which of its calls runs, or {@link #AROUND}
 */
public record Running(TaskRun run, String task, String queue, int index) {
    /** The index while no call runs: the message is read, or its outcome is written. */
    public static final int AROUND = -1;
}
