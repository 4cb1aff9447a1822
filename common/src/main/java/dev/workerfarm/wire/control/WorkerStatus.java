package dev.workerfarm.wire.control;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What one worker process says of itself, with counts since it began, each item of a map being one run.
 *
 * @param worker its name, such as {@code cpu-1@host.pid}
 * @param lane {@code cpu}, {@code io}, or a lane of {@code FARM_LANES} such as {@code reports}
 * @param queues literal names; the first is that of its lane, which no process of another lane has first
 * @param concurrency how many tasks it runs at a time
 * @param running what it runs now, the longest first; at most {@value #MOST_RUNNING} of them
 * @param waiting messages that it holds and has not begun
 * @param unacked messages that it has not acked, for each of {@code queues}; empty where it is too old to say
 * @param troubles what keeps messages from going on, a sentence each, for a person
 * @param tasks the names that it knows, sorted, at most {@value #MOST_TASKS} of them; empty where it is too old to say
 */
@JsonIgnoreProperties(ignoreUnknown = true) // a newer worker may say more
public record WorkerStatus(
        String worker,
        String host,
        String lane,
        List<String> queues,
        String version,
        long sinceMillis,
        int concurrency,
        List<Running> running,
        int waiting,
        long succeeded,
        long failed,
        Map<String, Integer> unacked,
        List<String> troubles,
        List<String> tasks) {
    public static final int MOST_RUNNING = 100;
    public static final int MOST_TASKS = 1_000;

    public WorkerStatus {
        queues = List.copyOf(queues);
        running = List.copyOf(running);
        unacked = Map.copyOf(Objects.requireNonNullElse(unacked, Map.of())); // not there in JSON of an older worker
        troubles = List.copyOf(Objects.requireNonNullElse(troubles, List.of())); // the same
        tasks = List.copyOf(Objects.requireNonNullElse(tasks, List.of())); // the same
    }

    /** Whether it says that it runs this task, an item of this map, or this item ({@code <map id>:<index>}). */
    public boolean runs(String id) {
        return running.stream().anyMatch(run -> run.id().equals(id) || run.id().startsWith(id + ":"));
    }

    /** A task, or a map's item ({@code <map id>:<index>}), that runs. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Running(String id, String task, long forMillis) {}
}
