package dev.workerfarm.worker.config;

import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.task.TaskQueue;
import java.util.ArrayList;
import java.util.List;
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

    /** The literal names of the queues that it consumes; the CPU lane consumes the extra ones too. */
    List<String> queues(QueueNames names, List<String> extraQueues) {
        List<String> queues = new ArrayList<>(List.of(names.of(queue)));
        if (this == CPU) {
            queues.addAll(extraQueues);
        }
        return queues;
    }

    /** How many tasks run at a time. */
    int concurrency(int downloadConcurrency) {
        return this == CPU ? 1 : downloadConcurrency;
    }

    /** How many messages it holds at first. */
    int firstPrefetch(int downloadConcurrency) {
        return this == CPU ? FIRST_CPU_PREFETCH : 2 * downloadConcurrency;
    }
}
