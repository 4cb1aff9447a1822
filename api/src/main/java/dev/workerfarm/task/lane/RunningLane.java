package dev.workerfarm.task.lane;

import java.util.Collections;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The lane whose task the current thread runs. Known on the lane's own threads only: threads that a task starts are not
 * marked, as they may outlive the task and serve others. Immutable; threads may share it.
 *
 * @param brokers where its broker is, {@code host:port/vhost} for each host
 * @param queues the literal names of the queues that it consumes
 */
public record RunningLane(Set<String> brokers, Set<String> queues) {
    private static final ThreadLocal<@Nullable RunningLane> CURRENT = new ThreadLocal<>();

    public RunningLane {
        brokers = Set.copyOf(brokers);
        queues = Set.copyOf(queues);
    }

    /** The lane whose task this thread runs, or null: it runs none. */
    public static @Nullable RunningLane current() {
        return CURRENT.get();
    }

    /** Runs a task of this lane on this thread. */
    public void run(Runnable task) {
        CURRENT.set(this);
        try {
            task.run();
        } finally {
            CURRENT.remove();
        }
    }

    /** Whether it consumes this queue of a broker that is at one of these places. */
    public boolean consumes(Set<String> otherBrokers, String queue) {
        return queues.contains(queue) && !Collections.disjoint(brokers, otherBrokers);
    }
}
