package dev.workerfarm.worker;

import dev.workerfarm.message.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * What came of one delivery.
 *
 * @param outcome what the caller is told
 * @param dead why a copy goes to the dead letters, or null: none does
 */
record Execution(Outcome outcome, @Nullable DeadReason dead) {
    /** Why a message can never succeed, whoever runs it. */
    enum DeadReason {
        UNDECODABLE("undecodable"),
        UNKNOWN_TASK("unknown-task"),
        WRONG_ARGUMENTS("wrong-arguments");

        private final String word;

        DeadReason(String word) {
            this.word = word;
        }

        /** As in the header {@code farm-dead-reason}. */
        String word() {
            return word;
        }
    }

    static Execution of(Outcome outcome) {
        return new Execution(outcome, null);
    }
}
