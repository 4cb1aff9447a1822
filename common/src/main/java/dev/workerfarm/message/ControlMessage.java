package dev.workerfarm.message;

import java.util.List;

/** What is said to every worker process of a farm at once. */
public sealed interface ControlMessage {
    /**
     * These tasks, or all items of these maps, are not wanted any more: who has not begun them shall not.
     *
     * @param ids of tasks or maps, at most {@value #MAX_IDS}
     */
    record Revoke(List<String> ids) implements ControlMessage {
        /** How many ids one message may carry. */
        public static final int MAX_IDS = 1_000;

        public Revoke {
            ids = List.copyOf(ids);
            if (ids.size() > MAX_IDS) {
                throw new IllegalArgumentException("at most " + MAX_IDS + " ids a message, not " + ids.size());
            }
        }
    }

    /** Each process is asked for its {@link WorkerStatus}. */
    record Status() implements ControlMessage {}
}
