package dev.workerfarm.redis.ledger;

import dev.workerfarm.error.RedisUnreachableException;
import dev.workerfarm.error.SharedStateException;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.redis.Refusal;
import dev.workerfarm.redis.Script;
import dev.workerfarm.redis.SharedKeys;
import dev.workerfarm.redis.TaskRun;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Response;
import redis.clients.jedis.params.SetParams;

/**
 * What has become of the calls of task messages that use shared state: by it their effects count once, however often a
 * message is delivered. An outcome and its effects are written in one step ({@code commit.lua}), and the first one written
 * for a call is the one that counts. Threads may share it; it lives on the connections of the {@link RedisSharedState}
 * that made it.
 *
 * <p>The outcomes of a message are the hash {@code {namespace}:task:<id>}, with a field
 * {@code <generation>.<attempt>.<index>} for each call. Nothing expires before the message is {@link #settled}; from then
 * on its outcomes are kept for {@link #OUTCOMES_KEPT}, and that it was settled for {@link #SETTLED_KEPT}.
 *
 * <p>Every method throws {@link RedisUnreachableException} where Redis is away, and may then be called again: a commit
 * whose answer was lost is found as {@link Commit.Known} by the next.
 */
public final class TaskLedger {
    public static final Duration OUTCOMES_KEPT = Duration.ofHours(24);
    public static final Duration SETTLED_KEPT = Duration.ofDays(7);

    private static final Script COMMIT = Script.named("commit");

    /**
     * One call that has ended.
     *
     * @param index which of its message's calls
     * @param outcome any text
     */
    public record Entry(int index, String outcome) {}

    private final RedisSharedState redis;
    private final SharedKeys keys;

    /** A ledger on the connections of this shared state, which its owner closes. */
    public TaskLedger(RedisSharedState redis) {
        this.redis = redis;
        this.keys = redis.keys();
    }

    /** A journal for one run. */
    public Journal journal(Journal.Reader reader) {
        return new Journal(redis, reader);
    }

    /**
     * Whether a message's calls have ended before.
     *
     * @return null: none has; else as the commit of all would answer, {@link Commit.Known} or {@link Commit.Settled}
     */
    public @Nullable Commit find(TaskRun run) {
        var answer = redis.connection().call("task " + run.id(), client -> {
            try (var pipeline = client.pipelined()) {
                var outcomes = pipeline.hgetAll(keys.task(run.id()));
                var settled = pipeline.get(keys.taskSettled(run.id()));
                pipeline.sync();
                return new Found(outcomes.get(), settled.get());
            }
        });
        var prefix = run.generation() + "." + run.attempt() + ".";
        Map<Integer, String> outcomes = new HashMap<>();
        answer.outcomes().forEach((field, outcome) -> {
            if (field.startsWith(prefix)) {
                outcomes.put(Integer.valueOf(field.substring(prefix.length())), outcome);
            }
        });
        if (!outcomes.isEmpty()) {
            return new Commit.Known(outcomes);
        }
        return isSettled(run, answer.settled()) ? new Commit.Settled() : null;
    }

    private record Found(
            Map<String, String> outcomes, @Nullable String settled) {}

    private static boolean isSettled(TaskRun run, @Nullable String settled) {
        if (settled == null) {
            return false;
        }
        var dot = settled.indexOf('.');
        var generation = Integer.parseInt(settled.substring(0, dot));
        return generation > run.generation()
                || (generation == run.generation() && Integer.parseInt(settled.substring(dot + 1)) >= run.attempt());
    }

    /** Writes the calls' outcomes and what the journal has noted, both or neither. */
    public Commit commit(TaskRun run, List<Entry> entries, Journal journal) {
        var arguments = new CommitArguments(
                List.of(keys.task(run.id()), keys.taskSettled(run.id()), keys.scratchNumber(), keys.scratchList()));
        arguments.plain(Integer.toString(run.generation()));
        arguments.plain(Integer.toString(run.attempt()));
        arguments.plain(Integer.toString(entries.size()));
        for (var entry : entries) {
            arguments.plain(run.field(entry.index()));
            arguments.plain(entry.outcome());
        }
        journal.write(arguments);
        var subject = "task " + run.id();
        try {
            return read(redis.connection().run(subject, COMMIT, arguments.keys(), arguments.arguments()));
        } catch (SharedStateException e) { // such as a key that holds something else than its name says
            return new Commit.Refused(e);
        }
    }

    private Commit read(List<Object> answer) {
        return switch (answer.get(0).toString()) {
            case "ok" -> new Commit.Done();
            case "settled" -> new Commit.Settled();
            case "changed" -> new Commit.Changed(answer.get(1).toString());
            case "known" -> known(answer);
            default -> new Commit.Refused(refusal(answer));
        };
    }

    private static Commit known(List<Object> answer) {
        Map<Integer, String> outcomes = new HashMap<>();
        for (int i = 1; i < answer.size(); i += 2) {
            var field = answer.get(i).toString();
            outcomes.put(
                    Integer.valueOf(field.substring(field.lastIndexOf('.') + 1)),
                    answer.get(i + 1).toString());
        }
        return new Commit.Known(outcomes);
    }

    private SharedStateException refusal(List<Object> answer) {
        var subject = keys.subject(answer.get(2).toString());
        var place = answer.get(3).toString();
        if (answer.get(0).equals("bound")) {
            return new SharedStateException(subject + " has " + answer.get(1) + " elements; a task may touch at most "
                    + Journal.MAX_TOUCHED + " shared values and elements");
        }
        return Refusal.of(subject, answer, place.isEmpty() ? null : "index " + place, null);
    }

    /** These attempts are settled: from now on time runs out for what is kept of them. */
    public void settled(Collection<TaskRun> runs) {
        redis.connection().call("settled tasks", client -> {
            try (var pipeline = client.pipelined()) {
                var last = new ArrayList<Response<?>>();
                for (var run : runs) {
                    last.add(pipeline.expire(keys.task(run.id()), OUTCOMES_KEPT.toSeconds()));
                    last.add(pipeline.set(
                            keys.taskSettled(run.id()),
                            run.generation() + "." + run.attempt(),
                            SetParams.setParams().ex(SETTLED_KEPT.toSeconds())));
                }
                pipeline.sync();
                last.forEach(Response::get);
                return true;
            }
        });
    }
}
