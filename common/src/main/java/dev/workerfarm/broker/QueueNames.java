package dev.workerfarm.broker;

import dev.workerfarm.task.TaskQueue;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Every name of a farm on the broker, made here alone; all start with the namespace. */
public record QueueNames(String namespace) {
    public static final String DEFAULT_NAMESPACE = "farm";
    private static final Pattern REPLIES = Pattern.compile("(.+\\.replies\\.[0-9a-f-]{36})(?:\\.(\\d{1,4}))?");
    private static final Pattern NAMESPACE = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    public QueueNames {
        if (!NAMESPACE.matcher(namespace).matches()) {
            throw new IllegalArgumentException(
                    "FARM_NAMESPACE: 1 to 64 letters, digits, _ or -, not '" + namespace + "'");
        }
    }

    /** A task queue, such as {@code farm.tasks}. */
    public String of(TaskQueue queue) {
        return namespace + "." + queue.suffix();
    }

    /** The dead letters, {@code farm.dead}. */
    public String dead() {
        return namespace + ".dead";
    }

    /** The exchange that reaches every worker process, {@code farm.control}. */
    public String control() {
        return namespace + ".control";
    }

    /** A queue of one process on {@link #control}, gone with its connection. */
    public String control(String connectionId) {
        return namespace + ".control." + connectionId;
    }

    /** The copies of a process's long tasks from its queue {@code index}, {@code farm.running.<process>.<n>}. */
    public String running(String process, int index) {
        return namespace + ".running." + process + "." + index;
    }

    /** A producer's reply queue, {@code farm.replies.<producer id>}. */
    public String replies(String producerId) {
        return namespace + ".replies." + producerId;
    }

    /**
     * The queue that takes a producer's replies while the node that has this one is down: {@code farm.replies.<producer id>.1},
     * then {@code .2}. Workers and the producer declare it. Null: the name is not one of ours.
     */
    public static @Nullable String nextReplies(String replies) {
        var name = REPLIES.matcher(replies);
        if (!name.matches()) {
            return null;
        }
        var number = name.group(2) == null ? 0 : Integer.parseInt(name.group(2));
        return name.group(1) + "." + (number + 1);
    }
}
