package dev.workerfarm.task;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A queue of tasks, and how many of them run at a time in one worker process. Immutable; equal where both are equal.
 * Each queue has worker processes of its own, so its tasks wait for no task of another queue.
 */
public final class TaskQueue {
    /** How many tasks at a time one process may run at most. */
    public static final int MAX_CONCURRENCY = 1024;

    /** For tasks that need a core: one at a time in each process ({@code farm.tasks}). */
    public static final TaskQueue TASKS = new TaskQueue("tasks", 1);
    /** For tasks that wait for the network: many at a time in each downloader process ({@code farm.downloads}). */
    public static final TaskQueue DOWNLOADS = new TaskQueue("downloads", 0);

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]*(\\.[A-Za-z0-9_-]+)*");
    private static final int MAX_NAME_CHARS = 64;
    /** The farm's own queues, and the lanes of the two queues above. */
    private static final Pattern RESERVED =
            Pattern.compile("tasks|downloads|dead|cpu|io|(control|running|replies)(\\..*)?");

    private final String suffix;
    private final int concurrency;

    private TaskQueue(String suffix, int concurrency) {
        this.suffix = suffix;
        this.concurrency = concurrency;
    }

    /**
     * Another queue, such as {@code named("reports", 4)} for {@code farm.reports}. A program that is the worker and has tasks
     * for it consumes it; a worker whose tasks are in jars does where its {@code FARM_LANES} says so.
     *
     * @param name what follows the namespace: 1 to 64 letters, digits, {@code -}, {@code _} and single {@code .}
     * @param concurrency how many of its tasks run at a time in one process, 1 to {@link #MAX_CONCURRENCY}
     * @throws IllegalArgumentException if the name has other characters or is one of the farm's own, or the number is
     *     out of bounds
     */
    public static TaskQueue named(String name, int concurrency) {
        Objects.requireNonNull(name, "name");
        if (name.length() > MAX_NAME_CHARS || !NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("a queue's name has 1 to " + MAX_NAME_CHARS
                    + " letters, digits, - and _, with single dots between them, not '" + name + "'");
        }
        if (RESERVED.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "the farm itself uses the name '" + name + "': give the queue another name");
        }
        if (concurrency < 1 || concurrency > MAX_CONCURRENCY) {
            throw new IllegalArgumentException(
                    "queue '" + name + "': " + concurrency + " tasks at a time is not within 1 to " + MAX_CONCURRENCY);
        }
        return new TaskQueue(name, concurrency);
    }

    /** The queue's name behind the namespace, such as {@code tasks} in {@code farm.tasks}. */
    public String suffix() {
        return suffix;
    }

    /** How many of its tasks run at a time in one process; 0 for {@link #DOWNLOADS}: as FARM_DOWNLOAD_CONCURRENCY says. */
    public int concurrency() {
        return concurrency;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TaskQueue queue && suffix.equals(queue.suffix) && concurrency == queue.concurrency;
    }

    @Override
    public int hashCode() {
        return Objects.hash(suffix, concurrency);
    }

    @Override
    public String toString() {
        return suffix;
    }
}
