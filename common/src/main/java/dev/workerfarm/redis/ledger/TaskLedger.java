package dev.workerfarm.redis.ledger;

import dev.workerfarm.error.RedisUnreachableException;
import dev.workerfarm.error.SharedStateException;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.redis.Refusal;
import dev.workerfarm.redis.Script;
import dev.workerfarm.redis.TaskRun;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What has become of the calls of task messages that use shared state: by it their effects count once, however often a
 * message is delivered. An outcome and its effects are written in one step ({@code commit.lua}), and the first outcome
 * of a call is the one that counts. Threads may share it. It connects as the shared state, which its owner closes.
 *
 * <p>The outcomes of a message are the hash {@code {namespace}:task:<root>}, with a field
 * {@code <generation>.<attempt>.<index>} for each call. The parts of a chunk share that of the chunk: an item counts once,
 * whichever part has it. They expire {@link #OUTCOMES_KEPT}, and the note of it
 * {@link #SETTLED_KEPT}, after the message was {@link #settled}, or all parts of the chunk were; else {@link #UNSETTLED_KEPT}
 * after the last commit, or after the moment at which the message comes again. Where a chunk was cut, and which of its parts are
 * settled, is kept {@link #UNSETTLED_KEPT} after the last change. Every method throws {@link RedisUnreachableException}
 * where Redis is away, and may then be called again: a commit whose answer was lost is found as {@link Commit.Known}.
 */
public record TaskLedger(RedisSharedState redis) implements Ledger {
    public static final Duration UNSETTLED_KEPT = Duration.ofDays(30);
    public static final Duration OUTCOMES_KEPT = Duration.ofHours(24);
    public static final Duration SETTLED_KEPT = Duration.ofDays(7);

    /** Longer than any delay; Redis refuses a moment that is too far off for it. */
    private static final Duration LONGEST_KEPT = Duration.ofDays(36_500);

    private static final Script COMMIT = Script.named("commit");
    private static final Script REPLACE = Script.named("replace");
    private static final Script CUT = Script.named("cut");
    private static final Script SETTLE = Script.named("settle");
    private static final Script SETTLE_PART = Script.named("settle-part");

    @Override
    public Journal journal(Journal.Reader reader) {
        return new Journal(redis, reader);
    }

    @Override
    public @Nullable Commit find(TaskRun run) {
        var keys = redis.keys();
        return redis.connection().<@Nullable Commit>call("task " + run.id(), client -> {
            try (var pipeline = client.pipelined()) {
                var ended = pipeline.hgetAll(keys.task(run.root()));
                var settled = pipeline.get(keys.taskSettled(run.id()));
                var rootSettled = pipeline.get(keys.taskSettled(run.root())); // as a whole
                pipeline.sync();
                Map<Integer, String> outcomes = new HashMap<>();
                run.own(ended.get()).forEach((index, outcome) -> outcomes.put(Integer.valueOf(index), outcome));
                if (!outcomes.isEmpty()) {
                    return new Commit.Known(outcomes);
                }
                return isSettled(run, settled.get()) || isSettled(run, rootSettled.get()) ? new Commit.Settled() : null;
            }
        });
    }

    private static boolean isSettled(TaskRun run, @Nullable String settled) {
        if (settled == null) {
            return false;
        }
        var dot = settled.indexOf('.');
        var generation = Integer.parseInt(settled.substring(0, dot));
        return generation > run.generation()
                || (generation == run.generation() && Integer.parseInt(settled.substring(dot + 1)) >= run.attempt());
    }

    @Override
    public Commit commit(TaskRun run, List<Entry> entries, Notes journal) {
        var keys = redis.keys();
        var arguments = new Arguments(List.of(keys.task(run.root()), keys.taskSettled(run.id())));
        var rootSettled = arguments.key(keys.taskSettled(run.root())); // the same key where it is no part
        arguments.plain(
                Integer.toString(run.generation()),
                Integer.toString(run.attempt()),
                Long.toString(keptSeconds(entries)),
                Integer.toString(rootSettled),
                Integer.toString(entries.size()));
        entries.forEach(entry -> arguments.plain(run.prefix() + entry.index(), entry.outcome()));
        ((Journal) journal).write(arguments);
        try {
            var named = List.copyOf(arguments.keys.keySet());
            return read(redis.connection().run("task " + run.id(), COMMIT, named, arguments.arguments));
        } catch (SharedStateException e) { // such as a key that holds something else than its name says
            return new Commit.Refused(e);
        }
    }

    private static long keptSeconds(List<Entry> entries) {
        var now = Instant.now();
        return entries.stream()
                .map(Entry::due)
                .filter(Objects::nonNull)
                .map(due -> Duration.between(now, due).plus(UNSETTLED_KEPT).toSeconds())
                .map(seconds -> Math.min(seconds, LONGEST_KEPT.toSeconds()))
                .reduce(UNSETTLED_KEPT.toSeconds(), Math::max);
    }

    private Commit read(List<Object> answer) {
        return switch (answer.get(0).toString()) {
            case "ok" -> new Commit.Done();
            case "settled" -> new Commit.Settled();
            case "changed" -> new Commit.Changed(answer.get(1).toString());
            case "known" -> {
                Map<Integer, String> outcomes = new HashMap<>();
                for (int i = 1; i < answer.size(); i += 2) {
                    var field = answer.get(i).toString();
                    var index = Integer.valueOf(field.substring(field.lastIndexOf('.') + 1));
                    outcomes.put(index, answer.get(i + 1).toString());
                }
                yield new Commit.Known(outcomes);
            }
            default -> new Commit.Refused(refusal(answer));
        };
    }

    private SharedStateException refusal(List<Object> answer) {
        var subject = redis.keys().subject(answer.get(2).toString());
        var place = answer.get(3).toString();
        if (answer.get(0).equals("bound")) {
            return Journal.tooLong(subject, answer.get(1));
        }
        return Refusal.of(subject, answer, place.isEmpty() ? null : "index " + place, null, null);
    }

    @Override
    public void settled(Collection<TaskRun> runs) {
        List<String> keys = new ArrayList<>();
        List<String> arguments = new ArrayList<>();
        arguments.add(Long.toString(OUTCOMES_KEPT.toSeconds()));
        arguments.add(Long.toString(SETTLED_KEPT.toSeconds()));
        for (var run : runs) {
            keys.add(redis.keys().task(run.id()));
            keys.add(redis.keys().taskSettled(run.id()));
            arguments.add(run.generation() + "." + run.attempt());
        }
        redis.connection().run("settled tasks", SETTLE, keys, arguments);
    }

    @Override
    public String replace(TaskRun run, int index, String retry, String failure) {
        var key = redis.keys().task(run.root());
        var arguments = List.of(run.prefix() + index, retry, failure, run.next().prefix() + index);
        var answer = redis.connection().run("task " + run.id(), REPLACE, List.of(key), arguments);
        return (String) answer.get(1);
    }

    @Override
    public boolean cut(TaskRun run, int end, boolean again) {
        var arguments = List.of(
                run.prefix(), Integer.toString(end), again ? "1" : "0", Long.toString(UNSETTLED_KEPT.toSeconds()));
        var answer = redis.connection()
                .run("task " + run.id(), CUT, List.of(redis.keys().taskCut(run.id())), arguments);
        return answer.get(0).equals("ok");
    }

    @Override
    public int end(TaskRun run, int to) {
        var key = redis.keys().taskCut(run.id());
        var noted =
                redis.connection().<@Nullable String>call("task " + run.id(), client -> client.hget(key, run.prefix()));
        return noted == null ? to : Integer.parseInt(noted);
    }

    @Override
    public void settledPart(TaskRun run, int from, int to, int of) {
        var keys = redis.keys();
        var named = List.of(
                keys.taskParts(run.root()),
                keys.taskSettled(run.id()),
                keys.task(run.root()),
                keys.taskSettled(run.root()));
        var arguments = List.of(
                run.prefix(),
                Integer.toString(from),
                Integer.toString(to),
                Integer.toString(of),
                run.generation() + "." + run.attempt(),
                Long.toString(OUTCOMES_KEPT.toSeconds()),
                Long.toString(SETTLED_KEPT.toSeconds()),
                Long.toString(UNSETTLED_KEPT.toSeconds()));
        redis.connection().run("task " + run.id(), SETTLE_PART, named, arguments);
    }

    /** The keys and arguments of a {@code commit.lua}, as they are written: see there. Belongs to one thread. */
    static final class Arguments {
        private final Map<String, Integer> keys = new LinkedHashMap<>();
        private final List<String> arguments = new ArrayList<>();

        /** @param first keys that come before those of values and arrays */
        Arguments(List<String> first) {
            first.forEach(this::key);
        }

        /** A step of the script about a key. */
        void add(String code, String key, String... rest) {
            plain(code, Integer.toString(key(key)));
            plain(rest);
        }

        void add(String code, String key, List<String> texts) {
            add(code, key, Integer.toString(texts.size()));
            arguments.addAll(texts);
        }

        void plain(String... more) {
            arguments.addAll(List.of(more));
        }

        private int key(String key) {
            return keys.computeIfAbsent(key, first -> keys.size() + 1);
        }
    }
}
