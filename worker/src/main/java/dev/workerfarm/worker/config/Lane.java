package dev.workerfarm.worker.config;

import dev.workerfarm.task.TaskQueue;
import java.util.Locale;

/** What one worker process does: one CPU task at a time, or many downloads. */
public enum Lane {
    CPU(TaskQueue.TASKS),
    IO(TaskQueue.DOWNLOADS);

    /** How many messages the CPU lane holds before it knows how long its tasks run. */
    public static final int FIRST_CPU_PREFETCH = 2;

    private final TaskQueue queue;

    Lane(TaskQueue queue) {
        this.queue = queue;
    }

    /** The lane of a word on the command line. */
    public static Lane of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    TaskQueue queue() {
        return queue;
    }
}
