package dev.workerfarm.task;

/** The two lanes of a farm: work that wants a core, and work that waits for the network. */
public enum TaskQueue {
    /** One task at a time in each worker process ({@code farm.tasks}). */
    TASKS("tasks"),
    /** Many tasks at a time in each downloader process ({@code farm.downloads}). */
    DOWNLOADS("downloads");

    private final String suffix;

    TaskQueue(String suffix) {
        this.suffix = suffix;
    }

    /** The queue's name behind the namespace, such as {@code tasks} in {@code farm.tasks}. */
    public String suffix() {
        return suffix;
    }
}
