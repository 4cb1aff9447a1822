package dev.workerfarm.pool.transport;

import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.ResultCodec;
import dev.workerfarm.wire.task.MapChunk;
import dev.workerfarm.wire.task.MapChunkResult;
import dev.workerfarm.wire.task.TaskCodec;
import dev.workerfarm.wire.task.TaskMessage;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/**
 * A worker on an {@link InMemoryBroker}: takes each task message of a queue, and answers it when it is told to, or at once.
 * Its task squares its one argument, and fails for a negative one.
 */
public final class FakeWorker {
    private final InMemoryBroker broker;
    private final List<TaskMessage> taken = new CopyOnWriteArrayList<>();

    /** Consumes the queue and answers nothing by itself. */
    public FakeWorker(InMemoryBroker broker, String queue) {
        this.broker = broker;
        broker.consume(queue, message -> taken.add(decode(message)));
    }

    /** Answers each task at once. */
    public static void answering(InMemoryBroker broker, String queue) {
        broker.consume(queue, message -> answer(broker, decode(message), FakeWorker::square));
    }

    /** The task messages so far. */
    public List<TaskMessage> taken() {
        return taken;
    }

    public void answer(TaskMessage message) {
        answer(broker, message, FakeWorker::square);
    }

    /** Answers the first items of a chunk, as a worker does that has cut it. */
    public void answerHead(TaskMessage message, int items) {
        var chunk = MapChunk.from(message.kwargs());
        var outcomes =
                chunk.items().stream().limit(items).map(FakeWorker::square).toList();
        broker.publish(
                Objects.requireNonNull(message.replyTo()),
                ResultCodec.encode(
                        message.id(),
                        message.correlationId(),
                        new Outcome.Succeeded(new MapChunkResult(outcomes, 1_000_000, chunk.from()).toJson())));
    }

    /** Answers each item with this value. */
    public void answer(TaskMessage message, Object value) {
        answer(broker, message, args -> new Outcome.Succeeded(value));
    }

    private static void answer(InMemoryBroker broker, TaskMessage message, Function<List<Object>, Outcome> task) {
        Outcome outcome;
        if (message.task().equals(MapChunk.TASK)) {
            var chunk = MapChunk.from(message.kwargs());
            var outcomes = chunk.items().stream().map(task).toList();
            var from = chunk.root() == null ? MapChunkResult.WHOLE : chunk.from();
            outcome = new Outcome.Succeeded(new MapChunkResult(outcomes, 1_000_000, from).toJson());
        } else {
            outcome = task.apply(message.args());
        }
        if (message.replyTo() != null) {
            broker.publish(
                    Objects.requireNonNull(message.replyTo()),
                    ResultCodec.encode(message.id(), message.correlationId(), outcome));
        }
    }

    private static Outcome square(List<Object> args) {
        var number = (Long) args.get(0);
        return number < 0
                ? new Outcome.Failed(Failure.builtin("ValueError", "negative: " + number))
                : new Outcome.Succeeded(number * number);
    }

    private static TaskMessage decode(EncodedMessage message) {
        return TaskCodec.decode(message.properties(), message.body());
    }
}
