package dev.workerfarm.wire.control;

import java.util.List;

/** What is said to every worker process of a farm at once. */
public sealed interface ControlMessage {
    /** These tasks, maps, or items of maps ({@code <map id>:<index>}) are not wanted, and shall not begin any more. */
    record Revoke(List<String> ids, Running running) implements ControlMessage {
        public static final int MAX_IDS = 1_000;

        /** What becomes of a task that is revoked while it runs. */
        public enum Running {
            /** It runs on, and nobody waits for it. */
            GOES_ON,
            /** Its thread is interrupted; what it then returns is dropped. */
            IS_INTERRUPTED,
            /** The same, and its process ends if it has not ended soon. */
            IS_KILLED
        }

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
