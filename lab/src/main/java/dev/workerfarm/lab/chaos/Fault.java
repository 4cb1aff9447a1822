package dev.workerfarm.lab.chaos;

import java.time.Duration;

/**
 * Something that is done to the farm.
 *
 * @param at when, from the storm's beginning; later where a fault before it has not ended
 * @param worker chooses, modulo their number, among the worker processes that consume then; 0 where none is killed
 * @param lasting from its beginning to its end
 */
record Fault(Duration at, Kind kind, int worker, Duration lasting) {
    enum Kind {
        KILL_WORKER("kill -9 of a worker process"),
        KILL_REDIS("kill -9 of Redis, and its start"),
        KILL_BROKER("kill -9 of RabbitMQ, and its start"),
        FREEZE_BROKER("freeze of RabbitMQ"),
        KILL_AFTER_COMMIT("kill -9 of a worker process between a commit and its ack");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }
}
