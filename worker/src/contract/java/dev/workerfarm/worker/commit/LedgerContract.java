package dev.workerfarm.worker.commit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.redis.ledger.Commit;
import dev.workerfarm.redis.ledger.Journal;
import dev.workerfarm.redis.ledger.Ledger;
import dev.workerfarm.redis.ledger.Ledger.Entry;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What runs rely on of their ledger: true of Redis, and of the one in memory. */
@Timeout(60)
abstract class LedgerContract {
    private static final Journal.Reader ASKS = new Journal.Reader() {
        @Override
        public <T> T read(Supplier<T> question) {
            return question.get();
        }
    };

    private final String id = UUID.randomUUID().toString();
    private final TaskRun run = new TaskRun(id, 0, 0);
    private final String name = "n-" + id;

    abstract Ledger ledger();

    private Ledger.Notes adding(long by) {
        var notes = ledger().journal(ASKS);
        notes.value(name).add(by);
        return notes;
    }

    private Commit commit(int index, String outcome, Ledger.Notes notes) {
        return ledger().commit(run, List.of(new Entry(index, outcome)), notes);
    }

    private long value() {
        return ledger().journal(ASKS).value(name).getLong();
    }

    @Test
    void theFirstOutcomeOfACallIsTheOneThatCountsAndSoAreItsEffects() {
        assertThat(ledger().find(run)).isNull();
        assertThat(commit(0, "first", adding(1))).isEqualTo(new Commit.Done());
        assertThat(commit(0, "second", adding(10))).isEqualTo(new Commit.Known(Map.of(0, "first")));

        assertThat(ledger().find(run)).isEqualTo(new Commit.Known(Map.of(0, "first")));
        assertThat(value()).isEqualTo(1);
    }

    @Test
    void ofSeveralCallsOneThatIsKnownKeepsAllFromBeingWritten() {
        commit(1, "known", adding(1));
        var entries = List.of(new Entry(0, "new"), new Entry(1, "again"));

        assertThat(ledger().commit(run, entries, adding(10))).isEqualTo(new Commit.Known(Map.of(1, "known")));

        assertThat(ledger().find(run)).isEqualTo(new Commit.Known(Map.of(1, "known")));
        assertThat(value()).isEqualTo(1);
    }

    @Test
    void anotherAttemptIsAnotherRun() {
        commit(0, "first", adding(1));

        assertThat(ledger().find(new TaskRun(id, 0, 1))).isNull();
        assertThat(ledger().commit(new TaskRun(id, 0, 1), List.of(new Entry(0, "second")), adding(1)))
                .isEqualTo(new Commit.Done());
        assertThat(value()).isEqualTo(2);
    }

    @Test
    void aRunWhoseReadsWereChangedIsVoid() {
        var notes = ledger().journal(ASKS);
        var read = notes.value(name).getLong();
        notes.value(name).add(read + 1);
        assertThat(notes.isWriteOnly()).isFalse();
        commit(1, "another", adding(5));

        assertThat(commit(0, "late", notes)).isInstanceOf(Commit.Changed.class);

        assertThat(value()).isEqualTo(5);
    }

    @Test
    void aRefusedRunWritesNothing() {
        commit(0, "first", adding(Long.MAX_VALUE));

        assertThat(commit(1, "overflow", adding(1))).isInstanceOf(Commit.Refused.class);

        assertThat(ledger().find(run)).isEqualTo(new Commit.Known(Map.of(0, "first")));
        assertThat(value()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void runsThatOnlyWriteAreCommittedTogether() {
        var together = adding(1);
        assertThat(together.isWriteOnly()).isTrue();
        assertThat(together.absorb(adding(2))).isTrue();

        assertThat(ledger().commit(run, List.of(new Entry(0, "a"), new Entry(1, "b")), together))
                .isEqualTo(new Commit.Done());

        assertThat(value()).isEqualTo(3);
    }

    @Test
    void afterItsMessageIsSettledNoOtherCallOfARunIsCommitted() {
        commit(0, "first", adding(1));
        ledger().settled(List.of(run));

        assertThat(ledger().find(run)).isEqualTo(new Commit.Known(Map.of(0, "first")));
        assertThat(commit(1, "late", adding(1))).isEqualTo(new Commit.Settled());
        assertThat(value()).isEqualTo(1);
    }

    @Test
    void aFailureTakesThePlaceOfARetryAndOfItsOutcomeOnce() {
        commit(0, "retry", adding(0));

        assertThat(ledger().replace(run, 0, "retry", "failure")).isEqualTo("failure");
        assertThat(ledger().replace(run, 0, "retry", "late")).isEqualTo("failure");
        assertThat(ledger().find(run)).isEqualTo(new Commit.Known(Map.of(0, "failure")));

        assertThat(ledger().commit(run.next(), List.of(new Entry(0, "it was published by another run")), adding(1)))
                .isEqualTo(new Commit.Known(Map.of(0, "failure")));
        assertThat(value()).isZero();
    }

    @Test
    void aRetryThatHasEndedIsNotReplaced() {
        commit(0, "retry", adding(0));
        ledger().commit(run.next(), List.of(new Entry(0, "ended")), adding(1));

        assertThat(ledger().replace(run, 0, "retry", "failure")).isEqualTo("ended");
        assertThat(ledger().find(run)).isEqualTo(new Commit.Known(Map.of(0, "retry")));
        assertThat(ledger().find(run.next())).isEqualTo(new Commit.Known(Map.of(0, "ended")));
    }

    @Test
    void aCutIsNotedByOneRunAndMovedByThatAlone() {
        assertThat(ledger().end(run, 16)).as("none is noted").isEqualTo(16);

        assertThat(ledger().cut(run, 8, false)).isTrue();
        assertThat(ledger().cut(run, 9, false)).isFalse();
        assertThat(ledger().end(run, 16)).isEqualTo(8);

        assertThat(ledger().cut(run, 4, true)).isTrue();
        assertThat(ledger().end(run, 16)).isEqualTo(4);
        assertThat(ledger().end(new TaskRun(id, 0, 1), 16))
                .as("another attempt")
                .isEqualTo(16);
    }

    @Test
    void aPartOfAChunkSharesTheOutcomesOfTheChunkAndIsSettledByItself() {
        var part = new TaskRun(id + "/2-4", 0, 0, id);
        ledger().commit(part, List.of(new Entry(2, "second part")), adding(1));
        assertThat(ledger().find(run)).isEqualTo(new Commit.Known(Map.of(2, "second part")));

        ledger().settledPart(part, 2, 4, 4);

        assertThat(ledger().commit(part, List.of(new Entry(3, "late")), adding(1)))
                .isEqualTo(new Commit.Settled());
        assertThat(commit(0, "first part", adding(1))).isEqualTo(new Commit.Done());
        assertThat(value()).isEqualTo(2);
    }

    @Test
    void aChunkIsSettledWhenAllItsPartsAre() {
        settle(2, 3);
        settle(0, 2);
        settle(0, 1); // a shorter one of another run takes nothing back
        settle(2, 2); // all of its items ran elsewhere
        assertThat(commit(8, "an item is open", adding(1))).isEqualTo(new Commit.Done());

        settle(3, 4);

        assertThat(commit(9, "late", adding(1))).isEqualTo(new Commit.Settled());
        var another = new TaskRun(id + "/1-4", 0, 0, id); // of a run that was cut elsewhere
        assertThat(ledger().commit(another, List.of(new Entry(9, "late")), adding(1)))
                .isEqualTo(new Commit.Settled());
    }

    private void settle(int from, int to) {
        ledger().settledPart(new TaskRun(id + "/" + from + "-" + to, 0, 0, id), from, to, 4);
    }
}
