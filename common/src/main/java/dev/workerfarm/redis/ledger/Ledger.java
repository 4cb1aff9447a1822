package dev.workerfarm.redis.ledger;

import dev.workerfarm.error.RedisUnreachableException;
import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.shared.SharedState;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where runs are committed, as {@link TaskLedger} has it; throws {@link RedisUnreachableException} without Redis. */
public interface Ledger {
    /**
     * A call of a message that has ended, by its index, with any text.
     *
     * @param due when the message comes again, or null: it does not
     */
    record Entry(int index, String outcome, @Nullable Instant due) {
        /** A call whose message does not come again. */
        public Entry(int index, String outcome) {
            this(index, outcome, null);
        }
    }

    /** Shared state as one run sees it, and what the run has done to it. Belongs to one run, on one thread. */
    interface Notes extends SharedState {
        /** Whether nothing was read, and no value or array made: such notes can be committed together. */
        boolean isWriteOnly();

        /** Adds later notes to these, both write-only; false, and nothing is added, if they do not fit together. */
        boolean absorb(Notes later);
    }

    Notes journal(Journal.Reader reader);

    /** {@link Commit.Known} or {@link Commit.Settled}, as a commit of all would say; null: no call has ended before. */
    @Nullable
    Commit find(TaskRun run);

    /** Writes the calls' outcomes and what the run has noted, both or neither. */
    Commit commit(TaskRun run, List<Entry> entries, Notes notes);

    /** These runs' messages are acked: from now on time runs out for what is kept of them. */
    void settled(Collection<TaskRun> runs);

    /**
     * Puts a failure in the place of a call's retry that no queue takes, and of the retry's own outcome, so that it does not run if
     * another run has published it. Returns the outcome that counts now: that of the retry, if it has ended, or of a faster run.
     */
    String replace(TaskRun run, int index, String retry, String failure);

    /**
     * Notes that a chunk's message runs its items up to {@code end} only, as the others get a message of their own. False, and
     * nothing is noted, if another run has noted another end.
     *
     * @param again whether this run has noted an end before, which this one takes the place of
     */
    boolean cut(TaskRun run, int end, boolean again);

    /** The end that was noted by {@link #cut}, or {@code to}: none was. */
    int end(TaskRun run, int to);

    /**
     * The message of a part of a chunk is acked. When that is so of parts that have all items of the chunk, time runs out for what
     * is kept of the chunk, and its root counts as settled too: a late twin of the run that was cut must find that.
     *
     * @param from the place of the part's first item
     * @param to the place behind its last item; {@code from}: it has none, as all items ran elsewhere
     * @param of how many items the chunk has
     */
    void settledPart(TaskRun run, int from, int to, int of);
}
