package dev.workerfarm.worker.commit;

import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.redis.ledger.Commit;
import dev.workerfarm.redis.ledger.Journal;
import dev.workerfarm.redis.ledger.TaskLedger;
import dev.workerfarm.redis.ledger.TaskLedger.Entry;
import dev.workerfarm.shared.SharedState;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The real ledger. */
public record RedisLedger(TaskLedger ledger) implements Ledger {
    private record JournalNotes(Journal journal) implements Notes {
        @Override
        public SharedState state() {
            return journal;
        }

        @Override
        public boolean isWriteOnly() {
            return journal.isWriteOnly();
        }

        @Override
        public boolean absorb(Notes later) {
            return journal.absorb(((JournalNotes) later).journal());
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
        return ledger.commit(run, entries, ((JournalNotes) notes).journal());
    }

    @Override
    public void settled(Collection<TaskRun> runs) {
        ledger.settled(runs);
    }
}
