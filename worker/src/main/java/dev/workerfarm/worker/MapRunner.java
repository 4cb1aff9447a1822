package dev.workerfarm.worker;

import dev.workerfarm.error.WrongArgumentsException;
import dev.workerfarm.message.MapChunk;
import dev.workerfarm.message.MapChunkResult;
import dev.workerfarm.message.Outcome;
import dev.workerfarm.message.TaskMessage;
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

    private final TaskRunner runner;
    private final Revocations revocations;

    MapRunner(TaskRunner runner, Revocations revocations) {
        this.runner = runner;
        this.revocations = revocations;
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
                case MapChunk.TASK -> runChunk(MapChunk.from(message.kwargs()), message.retries());
                case CELERY_MAP, CELERY_STARMAP -> runCelery(message);
                default -> runner.run(message);
            };
        } catch (WrongArgumentsException e) {
            return TaskRunner.wrongArguments(e);
        }
    }

    private Execution runChunk(MapChunk chunk, int attempt) {
        if (!runner.knows(chunk.task())) {
            return TaskRunner.notRegistered(
                    chunk.task()); // all its items at once: the message goes to the dead letters
        }
        var start = System.nanoTime();
        List<Outcome> outcomes = new ArrayList<>(chunk.items().size());
        for (var args : chunk.items()) {
            var id = chunk.itemId(outcomes.size());
            var execution = revocations.contains(chunk.mapId()) || revocations.contains(id)
                    ? runner.revoked(chunk.task())
                    : runner.run(chunk.task(), id, attempt, args, Map.of());
            outcomes.add(execution.outcome());
        }
        return Execution.of(new Outcome.Succeeded(new MapChunkResult(outcomes, System.nanoTime() - start).toJson()));
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
        List<@Nullable Object> values = new ArrayList<>(items.size());
        for (var item : items) {
            var id = message.id() + ":" + values.size();
            var execution = runner.run(task, id, message.retries(), args(message.task(), item), Map.of());
            if (!(execution.outcome() instanceof Outcome.Succeeded succeeded)) {
                return execution;
            }
            values.add(succeeded.value());
        }
        return Execution.of(new Outcome.Succeeded(values));
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
