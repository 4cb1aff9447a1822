package dev.workerfarm.redis.ledger;

import dev.workerfarm.error.SharedStateException;
import java.util.Map;

/** What came of a commit to the {@link TaskLedger}. */
public sealed interface Commit {
    /** Everything is written. */
    record Done() implements Commit {}

    /** Nothing was: of these calls, by index, the outcomes had been committed before, and they are the ones that count. */
    record Known(Map<Integer, String> outcomes) implements Commit {
        public Known {
            outcomes = Map.copyOf(outcomes);
        }
    }

    /** Nothing was: the message was settled so long ago that its outcomes are not kept any more. */
    record Settled() implements Commit {}

    /** Nothing was: what a run has read is another by now. */
    record Changed(String key) implements Commit {}

    /** Nothing was: shared state refuses what a run did. */
    record Refused(SharedStateException why) implements Commit {}
}
