package dev.workerfarm.worker.run;

import dev.workerfarm.shared.SharedState;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.WrongArgumentsException;
import dev.workerfarm.wire.task.MapChunk;
import dev.workerfarm.wire.task.MapChunkResult;
import dev.workerfarm.wire.task.TaskMessage;
import dev.workerfarm.worker.commit.Committer;
import dev.workerfarm.worker.commit.GuardedCalls;
import dev.workerfarm.worker.commit.RedisAway;
import dev.workerfarm.worker.crash.Charge;
import dev.workerfarm.worker.crash.Turn;
import dev.workerfarm.worker.process.Cancellation;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Runs task messages, none revoked: of one call, chunks ({@link MapChunk}), Celery's maps ({@link CeleryMap}). */
public record MapRunner(
        TaskRunner runner,
        Revocations revocations,
        Committer committer,
        Cancellation cancellation,
        LongSupplier largestMessage,
        Clock clock) {
    /**
     * Runs any task message, one call or many, in its turn, if its time has come.
     *
     * @throws Suspended if the task uses shared state and Redis is away: the message is to be run again by {@link #resume}
     */
    public Execution run(TaskMessage message, Turn turn, Overdue overdue) {
        return run(message, turn, overdue, null);
    }

    /** As {@link #run}, with what an earlier run of the delivery has come to: what has ended then does not run again. */
    public Execution resume(TaskMessage message, Turn turn, Overdue overdue, Suspended earlier) {
        return run(message, turn, overdue, earlier.calls);
    }

    private Execution run(TaskMessage message, Turn turn, Overdue overdue, @Nullable GuardedCalls begun) {
        var run = new MessageRun(this, message, taskOf(message), turn, overdue, begun, System.nanoTime());
        try {
            var execution = execute(run);
            turn.called();
            return execution;
        } catch (RedisAway e) {
            throw new Suspended(e.calls());
        }
    }

    /** The name of the task that a message is about, which is not its own where it carries many calls. */
    private static String taskOf(TaskMessage message) {
        var inner = switch (message.task()) {
            case MapChunk.TASK -> message.kwargs().get("task");
            case CeleryMap.MAP, CeleryMap.STARMAP -> CeleryMap.taskOf(message);
            default -> null;
        };
        return inner instanceof String name ? name : message.task();
    }

    private Execution execute(MessageRun run) {
        var message = run.message();
        var revoked = revocations.contains(message.id());
        var eta = message.eta();
        var now = clock.instant();
        if (eta != null && eta.isAfter(now) && !revoked && !message.isExpired(now)) {
            return Execution.of(new Outcome.Postponed(eta, message.retries(), null));
        }
        if (run.usesSharedState() && committer.watch().isAway()) {
            throw new Suspended(run.begun());
        }
        if (run.begun() == null) {
            runner.taken(run.task(), message);
        }
        // A task with shared state asks its ledger first: what it has committed before is too late to be revoked.
        if (revoked && !run.usesSharedState()) {
            return Execution.of(runner.revoked(run.task(), "revoked"));
        }
        try {
            return switch (message.task()) {
                case MapChunk.TASK -> chunk(run, MapChunk.from(message.kwargs()));
                case CeleryMap.MAP, CeleryMap.STARMAP -> CeleryMap.of(run).execute();
                default -> one(run);
            };
        } catch (WrongArgumentsException e) {
            return TaskRunner.wrongArguments(e);
        }
    }

    private Execution one(MessageRun run) {
        var message = run.message();
        var call = run.call(message.id(), message.args(), message.kwargs());
        Consumer<Outcome> whenOver =
                outcome -> run.settle(0, 1, outcome, first -> run.overdue().settle(run.committed(first)));
        if (!run.usesSharedState()) {
            return Execution.of(run.run(0, call, null, true, whenOver));
        }
        var guarded = run.guarded(1);
        guarded.run(
                0,
                shared -> revocations.contains(call.id())
                        ? runner.revoked(call.task(), "revoked")
                        : run.run(0, call, shared, true, whenOver));
        return run.committed(guarded.finish().get(0));
    }

    private Execution chunk(MessageRun run, MapChunk chunk) {
        if (!runner.knows(run.task())) {
            return runner.notRegistered(run.task()); // all its items at once: the message goes to the dead letters
        }
        var count = chunk.items().size();
        var room = new FailureRoom();
        var timedOut = run.message().timedOut();
        var guarded = run.usesSharedState() ? run.guarded(count) : null;
        List<Outcome> outcomes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            var index = i;
            if (guarded == null) {
                outcomes.add(room.fit(item(run, chunk, index, timedOut, null)));
            } else {
                guarded.run(index, shared -> room.fit(item(run, chunk, index, timedOut, shared)));
            }
        }
        return ended(run, guarded == null ? outcomes : guarded.finish());
    }

    /** A chunk of one is run again or given up as its item is; that of several has its items' outcomes. */
    private static Execution ended(MessageRun run, List<Outcome> outcomes) {
        if (outcomes.size() == 1) {
            var sole = run.committed(outcomes.get(0));
            if (sole.isAboutItsMessage()) {
                return sole;
            }
        }
        for (int i = 0; i < outcomes.size(); i++) {
            if (Charge.isWorkerLost(
                    outcomes.get(i))) { // also one given up in a run before, which died before its burial
                run.turn().lostItems().put(i, ((Outcome.Failed) outcomes.get(i)).failure());
            }
        }
        return run.committed(new Outcome.Succeeded(new MapChunkResult(outcomes, System.nanoTime() - run.startNanos())));
    }

    /** @param timedOut the items that have outlasted their hard time limit in another process */
    private Outcome item(
            MessageRun run, MapChunk chunk, int index, Set<Integer> timedOut, @Nullable SharedState shared) {
        var id = chunk.itemId(index);
        if (revocations.contains(run.message().id())
                || revocations.contains(chunk.mapId())
                || revocations.contains(id)) {
            return runner.revoked(run.task(), "revoked");
        }
        var call = run.call(id, chunk.items().get(index), Map.of());
        if (timedOut.contains(index)) {
            return runner.timedOut(call);
        }
        var count = chunk.items().size();
        Consumer<Outcome> whenOver = outcome -> run.settle(index, count, outcome, first -> {
            if (count == 1) {
                run.overdue().settle(ended(run, List.of(first)));
            } else {
                run.overdue().runAgainWithout(index, run.committed(first));
            }
        });
        return run.run(index, call, shared, count == 1, whenOver);
    }

    /** Keeps a chunk's failures small enough for a message and the heap: without room they lose stack and long text. */
    private static final class FailureRoom {
        private static final int ROOM_CHARS = 2 * 1024 * 1024;
        private static final int BRIEF_TEXT_CHARS = 200;

        private int left = ROOM_CHARS;

        /** The outcome, a failure as long as there is room for it. */
        Outcome fit(Outcome outcome) {
            if (!(outcome instanceof Outcome.Failed failed)) {
                return outcome;
            }
            var failure = failed.failure();
            var chars = failure.text().length()
                    + Objects.toString(failure.stack(), "").length();
            if (chars > left) {
                return new Outcome.Failed(failure.brief(BRIEF_TEXT_CHARS), failed.dead());
            }
            left -= chars;
            return outcome;
        }
    }

    /** Settles a message whose call is overdue, on another thread; waits until the message is on its way to be acked. */
    public interface Overdue {
        /** The message has this outcome. */
        void settle(Execution execution);

        /** Another process runs the other calls of the chunk; fallback: the message cannot be published again. */
        void runAgainWithout(int item, Execution fallback);
    }
}
