package dev.workerfarm.worker.run;

import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.worker.commit.SettledRun;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The result of running one delivery.
 *
 * @param dead why a copy goes to the dead letters, or null: no copy does
 * @param committed what its message settles of the run that the outcome was committed for, or null: the task uses no shared state
 */
public record Execution(
        Outcome outcome,
        @Nullable DeadReason dead,
        @Nullable SettledRun committed) {
    public enum DeadReason {
        UNDECODABLE,
        UNKNOWN_TASK,
        WRONG_ARGUMENTS,
        RETRIES_EXHAUSTED,
        WORKER_LOST,
        /** The letter is an outcome that its reply queue did not take. */
        UNANSWERED;

        /** That of an outcome, or null: a copy goes nowhere. */
        static @Nullable DeadReason of(Outcome outcome) {
            var word = outcome instanceof Outcome.Failed failed ? failed.dead() : null;
            if (word == null) { // nearly always
                return null;
            }
            return Arrays.stream(values())
                    .filter(reason -> reason.word().equals(word))
                    .findFirst()
                    .orElse(null);
        }

        /** As in the header {@code farm-dead-reason}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** A message that can never succeed. */
    public static Execution dead(Failure failure, DeadReason reason) {
        return of(new Outcome.Failed(failure, reason.word()));
    }

    public static Execution of(Outcome outcome) {
        return new Execution(outcome, DeadReason.of(outcome), null);
    }

    /** An outcome that was committed, by this run or an earlier one. */
    public static Execution committed(Outcome outcome, TaskRun committed) {
        return committed(outcome, SettledRun.whole(committed));
    }

    /** As above, of a message that may be a part of a chunk. */
    public static Execution committed(Outcome outcome, SettledRun committed) {
        return new Execution(outcome, DeadReason.of(outcome), committed);
    }

    /** Whether the message is kept as a dead letter, or comes again. */
    boolean isAboutItsMessage() {
        return dead == DeadReason.RETRIES_EXHAUSTED || outcome instanceof Outcome.Postponed;
    }
}
