package dev.workerfarm.worker.commit;

import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.redis.ledger.Commit;
import dev.workerfarm.redis.ledger.Ledger;
import dev.workerfarm.redis.ledger.Ledger.Entry;
import dev.workerfarm.shared.SharedState;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.OutcomeText;
import dev.workerfarm.worker.process.Cancellation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one message whose task uses shared state: the effects of each count together with its outcome, and once.
 * A call whose outcome was committed before, by a run that died before its ack or by a concurrent one, is not run: that
 * outcome is its answer. Calls that read nothing are committed together, as far as they come one after the other.
 * Belongs to one thread.
 */
public final class GuardedCalls {
    /** So many calls are committed together at the most: their outcomes are one command to Redis. */
    private static final int MOST_TOGETHER = 1_000;
    /** A call runs again so often, as what it read was changed by others before its commit. */
    private static final int MOST_RUNS = 200;

    private static final int LONGEST_PAUSE_MILLIS = 20;

    private record Ended(int index, OutcomeText written, Ledger.Notes notes) {
        Outcome outcome() {
            return written.outcome();
        }

        Entry entry() {
            return new Entry(index, written.text());
        }
    }

    private final Committer committer;
    private final Cancellation cancellation;
    private final TaskRun run;
    private final @Nullable Outcome[] outcomes;
    private final List<Ended> pending = new ArrayList<>();
    private Ledger.Notes together;

    /** Looks up what was committed before; waits while Redis is away. */
    public GuardedCalls(Committer committer, Cancellation cancellation, TaskRun run, int count) {
        this.committer = committer;
        this.cancellation = cancellation;
        this.run = run;
        this.outcomes = new @Nullable Outcome[count];
        this.together = noNotes();
        var found = committer.find(run);
        if (found instanceof Commit.Known known) {
            known.outcomes().forEach((index, text) -> {
                if (index < count) {
                    suppress(index, text);
                }
            });
        } else if (found instanceof Commit.Settled) {
            Arrays.fill(outcomes, expired());
            committer.suppressed(count);
        }
    }

    /** Runs one of the message's calls on shared state, unless its outcome is known. */
    public void run(int index, Function<SharedState, Outcome> call) {
        for (int runs = 1; outcomes[index] == null; runs++) {
            var notes = committer.notes(this::commit);
            var written = OutcomeText.of(call.apply(notes));
            if (cancellation.isCancelled()) {
                return; // given up: another worker runs it
            }
            var ended = new Ended(index, written, written.outcome() instanceof Outcome.Succeeded ? notes : noNotes());
            if (ended.notes().isWriteOnly()) {
                add(ended);
                return;
            }
            commit();
            if (commitAlone(ended)) {
                return;
            }
            if (runs == MOST_RUNS) {
                var text = "what it read was changed by others before it could commit, " + MOST_RUNS + " times";
                commitAlone(failed(ended, new Failure("SharedStateConflict", "dev.workerfarm", text, null)));
                return;
            }
            cancellation.await(
                    Duration.ofMillis(ThreadLocalRandom.current().nextInt(Math.min(runs, LONGEST_PAUSE_MILLIS))));
        }
    }

    /** As {@link #run}, and commits it at once: its outcome, or null where the process gives up what runs. */
    @Nullable
    public Outcome runNow(int index, Function<SharedState, Outcome> call) {
        run(index, call);
        commit();
        return outcomes[index];
    }

    /** Every call's outcome, once all were run. */
    public List<Outcome> finish() {
        commit();
        return Arrays.stream(outcomes)
                .map(outcome -> Objects.requireNonNullElseGet(outcome, GuardedCalls::abandoned))
                .toList();
    }

    private void add(Ended ended) {
        if (pending.size() == MOST_TOGETHER || !together.absorb(ended.notes())) {
            commit();
            together.absorb(ended.notes());
        }
        pending.add(ended);
    }

    private void commit() {
        while (!pending.isEmpty() && !cancellation.isCancelled()) {
            var answer =
                    committer.commit(run, pending.stream().map(Ended::entry).toList(), together);
            if (answer instanceof Commit.Known known) {
                known.outcomes().forEach(this::suppress);
                pending.removeIf(ended -> outcomes[ended.index()] != null);
                together = noNotes();
                pending.forEach(ended -> together.absorb(ended.notes()));
                continue;
            }
            var all = List.copyOf(pending);
            pending.clear();
            together = noNotes();
            if (answer instanceof Commit.Refused) { // one of them is refused: each for itself
                all.forEach(this::commitAlone);
            } else {
                all.forEach(ended -> take(ended, answer));
            }
        }
    }

    /** False if what the call has read was changed since. */
    private boolean commitAlone(Ended ended) {
        var answer = committer.commit(run, List.of(ended.entry()), ended.notes());
        if (answer instanceof Commit.Refused refused) {
            var failed = failed(ended, Failure.of(refused.why()));
            if (ended.outcome() instanceof Outcome.Failed) { // refused without effects: the answer, uncommitted
                outcomes[ended.index()] = failed.outcome();
                return true;
            }
            return commitAlone(failed);
        }
        return take(ended, answer);
    }

    private boolean take(Ended ended, Commit answer) {
        if (answer instanceof Commit.Done) {
            outcomes[ended.index()] = ended.outcome();
        } else if (answer instanceof Commit.Known known) {
            suppress(ended.index(), Objects.requireNonNull(known.outcomes().get(ended.index())));
        } else if (answer instanceof Commit.Settled) {
            outcomes[ended.index()] = expired();
            committer.suppressed(1);
        } else {
            return false;
        }
        return true;
    }

    /** A failed call has no effects. */
    private Ended failed(Ended ended, Failure failure) {
        return new Ended(ended.index(), OutcomeText.of(new Outcome.Failed(failure)), noNotes());
    }

    private void suppress(int index, String text) {
        outcomes[index] = OutcomeText.read(text);
        committer.suppressed(1);
    }

    private Ledger.Notes noNotes() {
        return committer.notes(() -> {});
    }

    private static Outcome expired() {
        var text = "it was run and settled before; its outcome was kept for a day and is gone";
        return new Outcome.Failed(new Failure("OutcomeExpired", "dev.workerfarm", text, null));
    }

    /** In place of an outcome where the process gives up what runs; it is not published. */
    public static Outcome abandoned() {
        return new Outcome.Failed(new Failure("Abandoned", "dev.workerfarm", "the worker stops", null));
    }
}
