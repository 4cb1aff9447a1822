package dev.workerfarm.worker.commit;

import dev.workerfarm.error.RedisUnreachableException;
import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.redis.ledger.Commit;
import dev.workerfarm.redis.ledger.Journal;
import dev.workerfarm.redis.ledger.Ledger;
import dev.workerfarm.redis.ledger.Ledger.Entry;
import dev.workerfarm.shared.SharedState;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.OutcomeText;
import dev.workerfarm.worker.process.Cancellation;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one message whose task uses shared state: the effects of each count together with its outcome, and once.
 * A call whose outcome was committed before, by a run that died before its ack or by a concurrent one, is not run: that
 * outcome is its answer. Calls that read nothing are committed together, as far as they come one after the other.
 *
 * <p>Where Redis is away every method throws {@link RedisAway}, and may then be called again, with all calls from the first on:
 * those that have ended do not run again. Belongs to one thread at a time.
 */
public final class GuardedCalls {
    /** So many calls are committed together at the most: their outcomes are one command to Redis. */
    private static final int MOST_TOGETHER = 1_000;
    /** A call runs again so often, as what it read was changed by others before its commit. */
    private static final int MOST_RUNS = 200;

    private static final int LONGEST_PAUSE_MILLIS = 20;
    private static final Outcome ABANDONED =
            new Outcome.Failed(new Failure("Abandoned", "dev.workerfarm", "the worker stops", null));

    private record Ended(int index, OutcomeText written, Ledger.Notes notes) {
        Outcome outcome() {
            return written.outcome();
        }

        Entry entry() {
            var due = written.outcome() instanceof Outcome.Postponed postponed ? postponed.at() : null;
            return new Entry(index, written.text(), due);
        }
    }

    private final Committer committer;
    private final Cancellation cancellation;
    private final TaskRun run;
    private final @Nullable Outcome[] outcomes;
    /** Ended and not committed, by index; calls that read nothing. */
    private final Map<Integer, Ended> pending = new LinkedHashMap<>();

    private Ledger.Notes together;
    /** The call that ended last, until it is pending or committed. */
    private @Nullable Ended last;
    /** What has passed through the task's code; whatever that made of it, the run does not count. */
    private @Nullable RedisAway away;

    /** Of a message that may have run before: looks up what was committed then. */
    public static GuardedCalls again(Committer committer, Cancellation cancellation, TaskRun run, int from, int to) {
        var calls = new GuardedCalls(committer, cancellation, run, to);
        calls.lookUp(from, to);
        return calls;
    }

    /** Of a message that is delivered for the first time. A twin, published again, is found by the commit: its calls count once. */
    public GuardedCalls(Committer committer, Cancellation cancellation, TaskRun run, int to) {
        this.committer = committer;
        this.cancellation = cancellation;
        this.run = run;
        this.outcomes = new @Nullable Outcome[to];
        this.together = noNotes();
    }

    private void lookUp(int from, int to) {
        Commit found;
        try {
            found = committer.find(run);
        } catch (RedisUnreachableException e) {
            throw new RedisAway(null, e);
        }
        if (found instanceof Commit.Known known) {
            known.outcomes().forEach((index, text) -> {
                if (index >= from && index < to) {
                    suppress(index, text);
                }
            });
        } else if (found instanceof Commit.Settled) {
            Arrays.fill(outcomes, expired());
            committer.suppressed(to - from);
        }
    }

    /** Whether a call has ended whose outcome is not committed. */
    public boolean holdsOutcomes() {
        return last != null || !pending.isEmpty();
    }

    /** Runs one of the message's calls on shared state, unless it has ended before. */
    public void run(int index, Function<SharedState, Outcome> call) {
        for (int runs = 1; outcomes[index] == null && !pending.containsKey(index); runs++) {
            var ended = last == null ? end(index, call) : last;
            if (ended == null) {
                return; // given up: another worker runs it
            }
            last = ended;
            if (ended.notes().isWriteOnly()) {
                add(ended);
                last = null;
                return;
            }
            commit();
            if (commitAlone(ended)) {
                last = null;
            } else if (runs < MOST_RUNS) {
                last = null;
                cancellation.await(
                        Duration.ofMillis(ThreadLocalRandom.current().nextInt(Math.min(runs, LONGEST_PAUSE_MILLIS))));
            } else {
                var text = "what it read was changed by others before it could commit, " + MOST_RUNS + " times";
                last = failed(ended, new Failure("SharedStateConflict", "dev.workerfarm", text, null));
            }
        }
    }

    /** Runs the call once; null: the process gives up what runs. */
    private @Nullable Ended end(int index, Function<SharedState, Outcome> call) {
        away = null;
        var notes = committer.notes(new Journal.Reader() {
            @Override
            public <T extends @Nullable Object> T read(Supplier<T> question) {
                commit();
                return ask(() -> committer.ask(question));
            }
        });
        var written = OutcomeText.of(call.apply(notes));
        if (cancellation.isCancelled()) {
            return null;
        }
        if (away != null) {
            throw away;
        }
        return new Ended(index, written, written.outcome() instanceof Outcome.Succeeded ? notes : noNotes());
    }

    private <T extends @Nullable Object> T ask(Supplier<T> question) {
        try {
            return question.get();
        } catch (RedisUnreachableException e) {
            away = new RedisAway(this, e);
            throw away;
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
        return finish(0, outcomes.length);
    }

    /** As {@link #finish()}, of the calls from one index up to another. */
    public List<Outcome> finish(int from, int to) {
        commit();
        return Arrays.stream(outcomes, from, to)
                .map(outcome -> Objects.requireNonNullElseGet(outcome, GuardedCalls::abandoned))
                .toList();
    }

    private void add(Ended ended) {
        if (pending.size() == MOST_TOGETHER || !together.absorb(ended.notes())) {
            commit();
            together.absorb(ended.notes());
        }
        pending.put(ended.index(), ended);
    }

    private void commit() {
        while (!pending.isEmpty() && !cancellation.isCancelled()) {
            var entries = pending.values().stream().map(Ended::entry).toList();
            var notes = together;
            var answer = ask(() -> committer.commit(run, entries, notes));
            try {
                if (answer instanceof Commit.Known known) {
                    known.outcomes().forEach(this::suppress);
                    pending.keySet().removeIf(index -> outcomes[index] != null);
                } else if (answer instanceof Commit.Refused) { // one of them is refused: each for itself
                    for (var ended : List.copyOf(pending.values())) {
                        commitAlone(ended);
                        pending.remove(ended.index());
                    }
                } else {
                    pending.values().forEach(ended -> take(ended, answer));
                    pending.clear();
                }
            } finally {
                together = noNotes();
                pending.values().forEach(ended -> together.absorb(ended.notes()));
            }
        }
    }

    /** False if what the call has read was changed since. */
    private boolean commitAlone(Ended ended) {
        var answer = ask(() -> committer.commit(run, List.of(ended.entry()), ended.notes()));
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
        return committer.notes(new Journal.Reader() {
            @Override
            public <T extends @Nullable Object> T read(Supplier<T> question) {
                throw new IllegalStateException("nothing reads here");
            }
        });
    }

    private static Outcome expired() {
        var text = "it was run and settled before; its outcome was kept for a day and is gone";
        return new Outcome.Failed(new Failure("OutcomeExpired", "dev.workerfarm", text, null));
    }

    /** In place of an outcome where the process gives up what runs, or Redis is away; it is not published. */
    public static Outcome abandoned() {
        return ABANDONED;
    }
}
