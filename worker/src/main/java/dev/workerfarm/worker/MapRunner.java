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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs the messages that carry many calls: our own chunks ({@link MapChunk}), each item with an outcome of its own, and
 * Celery's {@code celery.map} and {@code celery.starmap}, which fail as a whole with their first item. What was revoked
 * is not run.
 */
final class MapRunner {
    private static final String CELERY_MAP = "celery.map";
    private static final String CELERY_STARMAP = "celery.starmap";

    private final TaskRunner runner;
    private final Revocations revocations;
    private final Committer committer;
    private final Cancellation cancellation;

    MapRunner(TaskRunner runner, Revocations revocations, Committer committer, Cancellation cancellation) {
        this.runner = runner;
        this.revocations = revocations;
        this.committer = committer;
        this.cancellation = cancellation;
    }

    /** Runs any task message, one call or many. */
    Execution run(TaskMessage message) {
        var about = taskOf(message);
        runner.taken(about, message);
        if (revocations.contains(message.id())) {
            return runner.revoked(about);
        }
        try {
            return switch (message.task()) {
                case MapChunk.TASK -> runChunk(message, MapChunk.from(message.kwargs()));
                case CELERY_MAP, CELERY_STARMAP -> runCelery(message);
                default -> runOne(message);
            };
        } catch (WrongArgumentsException e) {
            return TaskRunner.wrongArguments(e);
        }
    }

    private Execution runOne(TaskMessage message) {
        var call = Call.of(message);
        if (!runner.usesSharedState(call.task())) {
            return runner.run(call, null);
        }
        var guarded = guarded(message, 1);
        var dead = new AtomicReference<@Nullable DeadReason>();
        guarded.run(0, shared -> {
            var execution = runner.run(call, shared);
            dead.set(execution.dead());
            return execution.outcome();
        });
        return new Execution(guarded.finish().get(0), dead.get(), identity(message));
    }

    private Execution runChunk(TaskMessage message, MapChunk chunk) {
        if (!runner.knows(chunk.task())) {
            return TaskRunner.notRegistered(
                    chunk.task()); // all its items at once: the message goes to the dead letters
        }
        var start = System.nanoTime();
        var count = chunk.items().size();
        if (!runner.usesSharedState(chunk.task())) {
            List<Outcome> outcomes = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                outcomes.add(runItem(message, chunk, i, null));
            }
            return Execution.of(result(outcomes, start));
        }
        var guarded = guarded(message, count);
        for (int i = 0; i < count; i++) {
            var index = i;
            guarded.run(index, shared -> runItem(message, chunk, index, shared));
        }
        return new Execution(result(guarded.finish(), start), null, identity(message));
    }

    private Outcome runItem(TaskMessage message, MapChunk chunk, int index, @Nullable SharedState shared) {
        var id = chunk.itemId(index);
        if (revocations.contains(chunk.mapId()) || revocations.contains(id)) {
            return runner.revoked(chunk.task()).outcome();
        }
        var args = chunk.items().get(index);
        return runner.run(new Call(chunk.task(), id, message.retries(), args, Map.of()), shared)
                .outcome();
    }

    private static Outcome result(List<Outcome> outcomes, long start) {
        return new Outcome.Succeeded(new MapChunkResult(outcomes, System.nanoTime() - start).toJson());
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
    private Execution runCelery(TaskMessage message) {
        if (!(message.kwargs().get("task") instanceof Map<?, ?> signature)
                || !(signature.get("task") instanceof String task)
                || !(message.kwargs().get("it") instanceof List<?> items)) {
            throw new WrongArgumentsException(message.task() + "() wants task (a signature) and it (a list)");
        }
        List<Call> calls = new ArrayList<>(items.size());
        for (var item : items) {
            var id = message.id() + ":" + calls.size();
            calls.add(new Call(task, id, message.retries(), args(message.task(), item), Map.of()));
        }
        if (!runner.usesSharedState(task)) {
            List<@Nullable Object> values = new ArrayList<>(calls.size());
            for (var call : calls) {
                var execution = runner.run(call, null);
                if (!(execution.outcome() instanceof Outcome.Succeeded succeeded)) {
                    return execution;
                }
                values.add(succeeded.value());
            }
            return Execution.of(new Outcome.Succeeded(values));
        }
        return new Execution(runCelery(calls, guarded(message, calls.size())), null, identity(message));
    }

    /** Those behind a failed one are not run: they have no outcome, and no effects. */
    private Outcome runCelery(List<Call> calls, GuardedCalls guarded) {
        for (int i = 0; i < calls.size(); i++) {
            var call = calls.get(i);
            if (!(guarded.runNow(i, shared -> runner.run(call, shared).outcome()) instanceof Outcome.Succeeded)) {
                break;
            }
        }
        List<@Nullable Object> values = new ArrayList<>(calls.size());
        for (var outcome : guarded.finish()) {
            if (!(outcome instanceof Outcome.Succeeded succeeded)) {
                return outcome;
            }
            values.add(succeeded.value());
        }
        return new Outcome.Succeeded(values);
    }

    private static List<Object> args(String celeryTask, @Nullable Object item) {
        if (celeryTask.equals(CELERY_MAP)) {
            List<Object> one = new ArrayList<>(1);
            one.add(item);
            return one;
        }
        if (item instanceof List<?> many) {
            return new ArrayList<>(many);
        }
        throw new WrongArgumentsException(CELERY_STARMAP + "() wants a list of argument lists");
    }
}
