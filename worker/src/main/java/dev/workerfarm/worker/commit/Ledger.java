package dev.workerfarm.worker.commit;

import dev.workerfarm.error.RedisUnreachableException;
import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.redis.ledger.Commit;
import dev.workerfarm.redis.ledger.Journal;
import dev.workerfarm.redis.ledger.TaskLedger;
import dev.workerfarm.redis.ledger.TaskLedger.Entry;
import dev.workerfarm.shared.SharedState;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where runs are committed, as {@link TaskLedger} has it; throws {@link RedisUnreachableException} without Redis. */
interface Ledger {
    /** Shared state as one run sees it, and what the run has done to it. Belongs to one run, on one thread. */
    interface Notes {
        SharedState state();

        /** Whether nothing was read, and no value or array made: such notes can be committed together. */
        boolean isWriteOnly();

        /** Adds later notes to these, both write-only; false, and nothing is added, if they do not fit together. */
        boolean absorb(Notes later);
    }

    Notes notes(Journal.Reader reader);

    /** What was committed of a run before; null: nothing. */
    @Nullable
    Commit find(TaskRun run);

    /** Writes outcomes and effects, both or neither. */
    Commit commit(TaskRun run, List<Entry> entries, Notes notes);

    /** These runs' messages are acked: from now on time runs out for what is kept of them. */
    void settled(Collection<TaskRun> runs);

    /** The real ledger; its notes are a journal. */
    record RedisLedger(TaskLedger ledger) implements Ledger {
        private record JournalNotes(Journal state) implements Notes {
            @Override
            public boolean isWriteOnly() {
                return state.isWriteOnly();
            }

            @Override
            public boolean absorb(Notes later) {
                return state.absorb(((JournalNotes) later).state);
            }
        }

        @Override
        public Notes notes(Journal.Reader reader) {
            return new JournalNotes(ledger.journal(reader));
        }

        @Override
        public @Nullable Commit find(TaskRun run) {
            return ledger.find(run);
        }

        @Override
        public Commit commit(TaskRun run, List<Entry> entries, Notes notes) {
            return ledger.commit(run, entries, ((JournalNotes) notes).state);
        }

        @Override
        public void settled(Collection<TaskRun> runs) {
            ledger.settled(runs);
        }
    }
}
