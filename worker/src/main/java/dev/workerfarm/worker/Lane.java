package dev.workerfarm.worker;

import dev.workerfarm.task.TaskQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What one worker process does: one CPU task at a time, or many downloads. */
enum Lane {
    CPU(TaskQueue.TASKS),
    IO(TaskQueue.DOWNLOADS);

    private final TaskQueue queue;

    Lane(TaskQueue queue) {
        this.queue = queue;
    }

    /** The lane of a word on the command line. */
    static Lane of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The literal names of the queues that it consumes. */
    List<String> queues(WorkerConfig config) {
        List<String> queues = new ArrayList<>(List.of(config.names().of(queue)));
        if (this == CPU) {
            queues.addAll(config.extraQueues());
        }
        return queues;
    }

    /** How many tasks run at a time. */
    int concurrency(WorkerConfig config) {
        return this == CPU ? 1 : config.downloadConcurrency();
    }

    int firstPrefetch(WorkerConfig config) {
        return this == CPU ? PrefetchPolicy.FIRST : 2 * config.downloadConcurrency();
    }
}
