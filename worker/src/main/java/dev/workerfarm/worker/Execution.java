package dev.workerfarm.worker;

import dev.workerfarm.message.Failure;
import dev.workerfarm.message.Outcome;
import dev.workerfarm.shared.TaskRun;
import org.jspecify.annotations.Nullable;

/**
 * What came of one delivery.
 *
 * @param outcome what the caller is told
 * @param dead why a copy goes to the dead letters, or null: none does
 * @param committed what the outcome was committed as, or null: the task uses no shared state
 */
record Execution(
        Outcome outcome,
        @Nullable DeadReason dead,
        @Nullable TaskRun committed) {
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

    /** It can never succeed. */
    static Execution dead(Failure failure, DeadReason reason) {
        return new Execution(new Outcome.Failed(failure), reason, null);
    }

    static Execution of(Outcome outcome) {
        return new Execution(outcome, null, null);
    }
}
