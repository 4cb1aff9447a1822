package dev.workerfarm.worker.config;

import dev.workerfarm.task.TaskQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What some processes of a worker do: they consume one task queue, with one number of tasks at a time.
 *
 * @param name in the names of its processes, in metrics and in the status: {@code cpu}, {@code io}, or its queue's name
 */
public record Lane(String name, TaskQueue queue, int concurrency, int processes) {
    static final String VARIABLE = "FARM_LANES";

    /** How many messages a process holds at first, for each task that may run at a time. */
    public static final int FIRST_PREFETCH = 2;

    private static final Pattern LANE = Pattern.compile("([^:]*):(\\d{1,9})(?:x(\\d{1,9}))?");

    public static Lane cpu(int processes) {
        return new Lane("cpu", TaskQueue.TASKS, TaskQueue.TASKS.concurrency(), processes);
    }

    public static Lane io(int processes, int concurrency) {
        return new Lane("io", TaskQueue.DOWNLOADS, concurrency, processes);
    }

    /** A lane for each {@code reports:4} or {@code reports:4x2}: tasks at a time, and processes, 1 where left out. */
    static List<Lane> named(List<String> words) {
        List<Lane> lanes = new ArrayList<>();
        for (var word : words) {
            var lane = named(word);
            if (lanes.stream().anyMatch(other -> other.name.equals(lane.name))) {
                throw new IllegalArgumentException(VARIABLE + ": the lane '" + lane.name + "' is there twice");
            }
            lanes.add(lane);
        }
        return lanes;
    }

    private static Lane named(String word) {
        var matcher = LANE.matcher(word);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(VARIABLE + ": '" + word
                    + "' is no lane such as reports:4 (queue, tasks at a time) or reports:4x2 (and processes)");
        }
        var processes = matcher.group(3) == null ? 1 : Integer.parseInt(matcher.group(3));
        WorkerSettings.within(VARIABLE + ": processes of '" + matcher.group(1) + "'", processes, 1, 1024);
        try {
            var queue = TaskQueue.named(matcher.group(1), Integer.parseInt(matcher.group(2)));
            return new Lane(queue.suffix(), queue, queue.concurrency(), processes);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(VARIABLE + ": " + e.getMessage(), e);
        }
    }

    /** Whether the number of messages that a process holds follows the run time of its tasks: with one at a time. */
    public boolean resizes() {
        return queue.concurrency() == 1;
    }

    /** How many messages a process holds at first. On a queue of its own none waits behind tasks that may be long. */
    public int prefetch() {
        return queue.equals(TaskQueue.DOWNLOADS) || resizes() ? FIRST_PREFETCH * concurrency : concurrency;
    }

    /** As {@code FARM_LANES} has it. */
    @Override
    public String toString() {
        return name + ":" + concurrency + (processes == 1 ? "" : "x" + processes);
    }
}
