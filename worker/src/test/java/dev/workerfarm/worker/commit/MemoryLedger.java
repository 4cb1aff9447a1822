package dev.workerfarm.worker.commit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.workerfarm.error.RedisUnreachableException;
import dev.workerfarm.error.SharedStateException;
import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.redis.ledger.Commit;
import dev.workerfarm.redis.ledger.Journal;
import dev.workerfarm.redis.ledger.Ledger;
import dev.workerfarm.shared.SharedArray;
import dev.workerfarm.shared.SharedValue;
import dev.workerfarm.shared.Typecode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A ledger in memory, for values of whole numbers. Refuses what Redis refuses: a value that would not fit a long. The ledger
 * contract keeps it honest. Threads may share it.
 */
public final class MemoryLedger implements Ledger {
    @GuardedBy("this")
    private final Map<String, Long> values = new HashMap<>();

    @GuardedBy("this")
    private final Map<TaskRun, Map<Integer, String>> outcomes = new HashMap<>();

    @GuardedBy("this")
    private final Set<TaskRun> settled = new HashSet<>();

    @GuardedBy("this")
    private final Map<TaskRun, Integer> cuts = new HashMap<>();

    /** Where the settled parts of a chunk end, by where they begin. */
    @GuardedBy("this")
    private final Map<TaskRun, Map<Integer, Integer>> parts = new HashMap<>();

    @GuardedBy("this")
    private final List<Integer> commits = new ArrayList<>();

    @GuardedBy("this")
    private int finds;

    @GuardedBy("this")
    private int away;

    @GuardedBy("this")
    private int answersLeft = Integer.MAX_VALUE;

    @GuardedBy("this")
    private int answersLost;

    /** The next so many questions and commits find no Redis. */
    public synchronized void away(int times) {
        away = times;
        answersLeft = Integer.MAX_VALUE;
    }

    /** After so many questions and commits no Redis is found, until {@link #away} says otherwise. */
    synchronized void awayAfter(int times) {
        answersLeft = times;
    }

    /** The next so many commits take effect, and their answers are lost. */
    synchronized void loseAnswers(int times) {
        answersLost = times;
    }

    public synchronized long value(String name) {
        return values.getOrDefault(name, 0L);
    }

    synchronized void set(String name, long value) {
        values.put(name, value);
    }

    /** The sizes of the commits that were asked for. */
    synchronized List<Integer> commits() {
        return List.copyOf(commits);
    }

    /** How often it was asked what was committed before. */
    synchronized int finds() {
        return finds;
    }

    /** What was kept of a run is gone, but for that it was settled. */
    synchronized void expire(TaskRun run) {
        outcomes.remove(run);
    }

    @Override
    public Notes journal(Journal.Reader reader) {
        return new MemoryNotes(reader);
    }

    @Override
    public synchronized @Nullable Commit find(TaskRun run) {
        finds++;
        requireThere();
        var found = outcomes.get(root(run));
        return found != null
                ? new Commit.Known(found)
                : settled.contains(run) || settled.contains(root(run)) ? new Commit.Settled() : null;
    }

    @Override
    public synchronized Commit commit(TaskRun run, List<Entry> entries, Notes notes) {
        requireThere();
        commits.add(entries.size());
        var answer = commit(run, entries, (MemoryNotes) notes);
        if (answersLost > 0) {
            answersLost--;
            throw new RedisUnreachableException("the answer was lost", new IllegalStateException());
        }
        return answer;
    }

    @Override
    public synchronized String replace(TaskRun run, int index, String retry, String failure) {
        requireThere();
        var held = outcome(run.next(), index) == null ? outcome(run, index) : outcome(run.next(), index);
        if (held != null && !held.equals(retry)) {
            return held;
        }
        if (held != null) {
            keep(run, index, failure);
            keep(run.next(), index, failure);
        }
        return failure;
    }

    @GuardedBy("this")
    private @Nullable String outcome(TaskRun run, int index) {
        return outcomes.getOrDefault(root(run), Map.of()).get(index);
    }

    @GuardedBy("this")
    private void keep(TaskRun run, int index, String outcome) {
        var kept = new HashMap<>(outcomes.getOrDefault(root(run), Map.of()));
        kept.put(index, outcome);
        outcomes.put(root(run), kept);
    }

    @GuardedBy("this")
    private Commit commit(TaskRun run, List<Entry> entries, MemoryNotes notes) {
        var kept = outcomes.getOrDefault(root(run), Map.of());
        Map<Integer, String> known = new HashMap<>();
        for (var entry : entries) {
            if (kept.containsKey(entry.index())) {
                known.put(entry.index(), kept.get(entry.index()));
            }
        }
        if (!known.isEmpty()) {
            return new Commit.Known(known);
        }
        if (settled.contains(run) || settled.contains(root(run))) {
            return new Commit.Settled();
        }
        for (var read : notes.read.entrySet()) {
            if (value(read.getKey()) != read.getValue()) {
                return new Commit.Changed(read.getKey());
            }
        }
        Map<String, Long> changed = new HashMap<>();
        try {
            notes.added.forEach((name, by) -> {
                for (var step : by) {
                    changed.put(name, Math.addExact(changed.getOrDefault(name, value(name)), step));
                }
            });
        } catch (ArithmeticException e) {
            return new Commit.Refused(new SharedStateException("overflow", e));
        }
        values.putAll(changed);
        entries.forEach(entry ->
                outcomes.computeIfAbsent(root(run), first -> new HashMap<>()).put(entry.index(), entry.outcome()));
        return new Commit.Done();
    }

    private static TaskRun root(TaskRun run) {
        return new TaskRun(run.root(), run.generation(), run.attempt());
    }

    @Override
    public synchronized boolean cut(TaskRun run, int end, boolean again) {
        requireThere();
        if (!again && cuts.getOrDefault(run, end) != end) {
            return false;
        }
        cuts.put(run, end);
        return true;
    }

    @Override
    public synchronized int end(TaskRun run, int to) {
        requireThere();
        return cuts.getOrDefault(run, to);
    }

    @Override
    public synchronized void settledPart(TaskRun run, int from, int to, int of) {
        requireThere();
        settled.add(run);
        var ends = parts.computeIfAbsent(root(run), first -> new HashMap<>());
        if (from < to) {
            ends.merge(from, to, Math::max);
        }
        var covered = 0;
        for (var next = ends.get(0); next != null; next = ends.get(covered)) {
            covered = next;
        }
        if (covered >= of) {
            settled.add(root(run));
        }
    }

    @Override
    public synchronized void settled(Collection<TaskRun> runs) {
        requireThere();
        settled.addAll(runs);
    }

    @GuardedBy("this")
    private void requireThere() {
        if (away > 0 || answersLeft == 0) {
            away = Math.max(0, away - 1);
            throw new RedisUnreachableException("Redis is away", new IllegalStateException());
        }
        answersLeft--;
    }

    private final class MemoryNotes implements Notes {
        private final Journal.Reader reader;
        private final Map<String, Long> read = new LinkedHashMap<>();
        private final Map<String, List<Long>> added = new LinkedHashMap<>();

        MemoryNotes(Journal.Reader reader) {
            this.reader = reader;
        }

        @Override
        public boolean isWriteOnly() {
            return read.isEmpty();
        }

        @Override
        public boolean absorb(Notes later) {
            ((MemoryNotes) later).added.forEach((name, steps) -> steps(name).addAll(steps));
            return true;
        }

        @Override
        public SharedValue value(String name) {
            return new MemoryValue(this, name);
        }

        @Override
        public SharedArray array(String name) {
            throw new UnsupportedOperationException();
        }

        private List<Long> steps(String name) {
            return added.computeIfAbsent(name, first -> new ArrayList<>());
        }

        private long get(String name) {
            var held = read.get(name);
            if (held == null) {
                held = reader.read(() -> {
                    synchronized (MemoryLedger.this) {
                        requireThere();
                        return MemoryLedger.this.value(name);
                    }
                });
                read.put(name, held);
            }
            return held + steps(name).stream().mapToLong(Long::longValue).sum();
        }
    }

    private record MemoryValue(MemoryNotes notes, String name) implements SharedValue {
        @Override
        public Number get() {
            return notes.get(name);
        }

        @Override
        public void add(Number by) {
            notes.steps(name).add(by.longValue());
        }

        @Override
        public Number addAndGet(Number by) {
            add(by);
            return get();
        }

        @Override
        public void make(Typecode type, Number initial) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Number setAndGet(Number number) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean compareAndSet(Number expected, Number update) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean delete() {
            throw new UnsupportedOperationException();
        }
    }
}
