package dev.workerfarm.worker;

import dev.workerfarm.error.WrongArgumentsException;
import dev.workerfarm.message.MapChunk;
import dev.workerfarm.message.MapChunkResult;
import dev.workerfarm.message.Outcome;
import dev.workerfarm.message.TaskMessage;
import dev.workerfarm.shared.SharedState;
import dev.workerfarm.shared.TaskRun;
import dev.workerfarm.worker.Execution.DeadReason;
import dev.workerfarm.worker.TaskRunner.Call;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs the messages that carry many calls: our own chunks ({@link MapChunk}), each item with an outcome of its own, and
 * Celery's {@code celery.map} and {@code celery.starmap}, which fail as a whole with their first item. What was revoked
 * is not run.
 */
final class MapRunner {
    private static final String CELERY_MAP = "celery.map";
    private static final String CELERY_STARMAP = "celery.starmap";
    /** A task may well answer more than it was given, and all answers are held until the last is there. */
    private static final int MOST_CELERY_ITEMS = 100_000;

    private final TaskRunner runner;
    private final Revocations revocations;
    private final Committer committer;
    private final Cancellation cancellation;
    private final Clock clock;

    MapRunner(TaskRunner runner, Revocations revocations, Committer committer, Cancellation cancellation, Clock clock) {
        this.runner = runner;
        this.revocations = revocations;
        this.committer = committer;
        this.cancellation = cancellation;
        this.clock = clock;
    }

    /** Runs any task message, one call or many, in its turn, if its time has come. */
    Execution run(TaskMessage message, Turn turn) {
        var execution = execute(message, turn);
        turn.called();
        return execution;
    }

    private Execution execute(TaskMessage message, Turn turn) {
        var about = taskOf(message);
        var revoked = revocations.contains(message.id());
        var eta = message.eta();
        var now = clock.instant();
        if (eta != null && eta.isAfter(now) && !revoked && !message.isExpired(now)) {
            return Execution.of(new Outcome.Postponed(eta, message.retries(), null));
        }
        runner.taken(about, message);
        // A task with shared state asks its ledger first: what it has committed before is too late to be revoked.
        if (revoked && !runner.usesSharedState(about)) {
            return runner.revoked(about);
        }
        try {
            return switch (message.task()) {
                case MapChunk.TASK -> runChunk(message, MapChunk.from(message.kwargs()), turn);
                case CELERY_MAP, CELERY_STARMAP -> runCelery(message, turn);
                default -> runOne(message, turn);
            };
        } catch (WrongArgumentsException e) {
            return TaskRunner.wrongArguments(e);
        }
    }

    private Execution runOne(TaskMessage message, Turn turn) {
        var call = Call.of(message);
        if (!runner.usesSharedState(call.task())) {
            return Execution.of(run(message, turn, 0, call, null, true));
        }
        var guarded = guarded(message, 1);
        guarded.run(
                0,
                shared -> revocations.contains(call.id())
                        ? runner.revoked(call.task()).outcome()
                        : run(message, turn, 0, call, shared, true));
        return Execution.committed(guarded.finish().get(0), identity(message));
    }

    /**
     * A call's turn, unless it comes too late. One that has killed its process too often has none, and is given up.
     *
     * @param index which of the message's calls
     * @param alone whether it is the message's only one: what it comes to is what becomes of the message, so that it may be
     *     run again later
     */
    private Outcome run(
            TaskMessage message, Turn turn, int index, Call call, @Nullable SharedState shared, boolean alone) {
        if (message.isExpired(clock.instant())) {
            return runner.expired(call.task());
        }
        var lost = turn.call(index);
        if (lost != null) {
            return Execution.dead(lost, DeadReason.WORKER_LOST).outcome();
        }
        if (!alone) {
            return runner.run(call, shared).outcome();
        }
        var own = message.retry();
        var retries = new Retries(own == null ? runner.retry(call.task()) : own, message.retries(), clock);
        return runner.run(call, shared, retries::after).outcome();
    }

    private Execution runChunk(TaskMessage message, MapChunk chunk, Turn turn) {
        if (!runner.knows(chunk.task())) {
            return TaskRunner.notRegistered(
                    chunk.task()); // all its items at once: the message goes to the dead letters
        }
        var start = System.nanoTime();
        var count = chunk.items().size();
        var room = new FailureRoom();
        if (!runner.usesSharedState(chunk.task())) {
            List<Outcome> outcomes = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                outcomes.add(room.fit(runItem(message, chunk, i, turn, null)));
            }
            return chunk(outcomes, turn, start, null);
        }
        var guarded = guarded(message, count);
        for (int i = 0; i < count; i++) {
            var index = i;
            guarded.run(index, shared -> room.fit(runItem(message, chunk, index, turn, shared)));
        }
        return chunk(guarded.finish(), turn, start, identity(message));
    }

    /** A chunk of one is run again or given up as its item is; that of several has its items' outcomes. */
    private static Execution chunk(List<Outcome> outcomes, Turn turn, long start, @Nullable TaskRun committed) {
        if (outcomes.size() == 1) {
            var sole = Execution.committed(outcomes.get(0), committed);
            if (sole.isAboutItsMessage()) {
                return sole;
            }
        }
        for (int i = 0; i < outcomes.size(); i++) {
            if (WorkerLost.is(outcomes.get(i))) { // also one given up in a run before, that died before its burial
                turn.lostItem(i, ((Outcome.Failed) outcomes.get(i)).failure());
            }
        }
        var result = new MapChunkResult(outcomes, System.nanoTime() - start).toJson();
        return Execution.committed(new Outcome.Succeeded(result), committed);
    }

    private Outcome runItem(TaskMessage message, MapChunk chunk, int index, Turn turn, @Nullable SharedState shared) {
        var id = chunk.itemId(index);
        if (revocations.contains(message.id()) || revocations.contains(chunk.mapId()) || revocations.contains(id)) {
            return runner.revoked(chunk.task()).outcome();
        }
        var args = chunk.items().get(index);
        var call = new Call(chunk.task(), id, message.retries(), args, Map.of());
        return run(message, turn, index, call, shared, chunk.items().size() == 1);
    }

    private GuardedCalls guarded(TaskMessage message, int count) {
        return new GuardedCalls(committer, cancellation, identity(message), count);
    }

    private static TaskRun identity(TaskMessage message) {
        return new TaskRun(message.id(), message.generation(), message.retries());
    }

    /** The name of the task that a message is about, which is not its own where it carries many calls. */
    private static String taskOf(TaskMessage message) {
        var inner = switch (message.task()) {
            case MapChunk.TASK -> message.kwargs().get("task");
            case CELERY_MAP, CELERY_STARMAP ->
                message.kwargs().get("task") instanceof Map<?, ?> signature ? signature.get("task") : null;
            default -> null;
        };
        return inner instanceof String name ? name : message.task();
    }

    /** Celery's own shape: {@code task} is a signature, {@code it} the items; the result is a plain list. */
    private Execution runCelery(TaskMessage message, Turn turn) {
        if (!(message.kwargs().get("task") instanceof Map<?, ?> signature)
                || !(signature.get("task") instanceof String task)
                || !(message.kwargs().get("it") instanceof List<?> items)) {
            throw new WrongArgumentsException(message.task() + "() wants task (a signature) and it (a list)");
        }
        if (items.size() > MOST_CELERY_ITEMS) {
            throw new WrongArgumentsException(message.task() + "() takes at most " + MOST_CELERY_ITEMS + " items");
        }
        if (message.task().equals(CELERY_STARMAP) && !items.stream().allMatch(List.class::isInstance)) {
            throw new WrongArgumentsException(CELERY_STARMAP + "() wants a list of argument lists");
        }
        if (!runner.usesSharedState(task)) {
            List<@Nullable Object> values = new ArrayList<>(items.size());
            for (int i = 0; i < items.size(); i++) {
                var outcome = run(message, turn, i, celeryCall(message, task, items, i), null, false);
                if (!(outcome instanceof Outcome.Succeeded succeeded)) {
                    return Execution.of(outcome);
                }
                values.add(succeeded.value());
            }
            return Execution.of(new Outcome.Succeeded(values));
        }
        return Execution.committed(runCelery(message, turn, task, items), identity(message));
    }

    /** Those behind a failed one are not run: they have no outcome, and no effects. */
    private Outcome runCelery(TaskMessage message, Turn turn, String task, List<?> items) {
        var guarded = guarded(message, items.size());
        for (int i = 0; i < items.size(); i++) {
            var index = i;
            var call = celeryCall(message, task, items, i);
            var outcome = guarded.runNow(index, shared -> run(message, turn, index, call, shared, false));
            if (!(outcome instanceof Outcome.Succeeded)) {
                break;
            }
        }
        List<@Nullable Object> values = new ArrayList<>(items.size());
        for (var outcome : guarded.finish()) {
            if (!(outcome instanceof Outcome.Succeeded succeeded)) {
                return outcome;
            }
            values.add(succeeded.value());
        }
        return new Outcome.Succeeded(values);
    }

    /** Made when its turn comes: all of them together would take more of the heap than the message. */
    private static Call celeryCall(TaskMessage message, String task, List<?> items, int index) {
        var item = items.get(index);
        List<Object> args = new ArrayList<>(1);
        if (message.task().equals(CELERY_STARMAP)) {
            args.addAll((List<?>) item);
        } else {
            args.add(item);
        }
        return new Call(task, message.id() + ":" + index, message.retries(), args, Map.of());
    }
}
