package dev.workerfarm.worker.answer;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.error.EncodeException;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.ResultCodec;
import dev.workerfarm.wire.TraceContext;
import dev.workerfarm.wire.letter.DeadLetter;
import dev.workerfarm.wire.task.MapChunk;
import dev.workerfarm.wire.task.PostponedMessage;
import dev.workerfarm.wire.task.TaskCodec;
import dev.workerfarm.wire.task.TaskMessage;
import dev.workerfarm.worker.commit.Committer;
import dev.workerfarm.worker.delivery.Delivery;
import dev.workerfarm.worker.delivery.Settler;
import dev.workerfarm.worker.metrics.Metric;
import dev.workerfarm.worker.metrics.Samples;
import dev.workerfarm.worker.run.Activity;
import dev.workerfarm.worker.run.Execution;
import dev.workerfarm.worker.run.Execution.DeadReason;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Completes a delivery: a copy to the dead letters where it is given up; the outcome to its reply queue or, where it is
 * to run again, the message to its own queue; the outcome to Redis where the message asks for that. Once the broker has
 * confirmed and Redis has answered or is away: the ack. Threads may share it.
 */
public final class Completion {
    private static final Logger LOG = LoggerFactory.getLogger(Completion.class);

    private final Outbox outbox;
    private final Settler settler;
    private final Committer committer;
    private final ResultStore results;
    private final String deadQueue;
    private final String workerName;
    private final Clock clock = Clock.systemUTC();
    private final Map<DeadReason, LongAdder> buried = new ConcurrentHashMap<>();

    public Completion(
            Outbox outbox,
            Settler settler,
            Committer committer,
            ResultStore results,
            String deadQueue,
            String workerName) {
        this.results = results;
        this.outbox = outbox;
        this.settler = settler;
        this.committer = committer;
        this.deadQueue = deadQueue;
        this.workerName = workerName;
    }

    /** The delivery has an outcome; a map's lost items are buried one by one. Completes when its ack is on the way. */
    public CompletableFuture<Void> complete(
            Delivery delivery, TaskMessage message, Execution execution, Map<Integer, Failure> lostItems) {
        if (execution.outcome() instanceof Outcome.Postponed postponed) {
            return postpone(delivery, message, postponed);
        }
        List<CompletableFuture<Void>> steps = new ArrayList<>();
        if (execution.dead() != null) {
            steps.add(bury(delivery, execution.dead(), ((Outcome.Failed) execution.outcome()).failure()));
        }
        if (!message.ignoreResult() && message.replyTo() != null) {
            steps.add(outbox.deliver(message.replyTo(), reply(message, execution.outcome()), false));
        }
        if (message.storesResult()) {
            steps.add(results.store(message.id(), execution.outcome()));
        }
        lostItems.forEach((index, failure) -> steps.add(buryItem(delivery, message, index, failure)));
        return CompletableFuture.allOf(steps.toArray(CompletableFuture<?>[]::new))
                .thenRun(() -> {
                    settler.ack(delivery);
                    if (execution.committed() != null) {
                        committer.settled(execution.committed());
                    }
                });
    }

    /** The message goes to its queue again, with this attempt's outcome: it is published again if the ack is lost. */
    private CompletableFuture<Void> postpone(Delivery delivery, TaskMessage message, Outcome.Postponed postponed) {
        try {
            var again =
                    PostponedMessage.of(delivery.properties(), delivery.body(), postponed, workerName, clock.instant());
            var failure = postponed.failure();
            if (failure != null) {
                LOG.info(
                        "failed, runs again taskId={} task={} attempt={} queue={} at={} error={}",
                        message.id(),
                        message.task(),
                        message.retries(),
                        delivery.queue(),
                        postponed.at(),
                        failure.type());
            }
            return outbox.deliverLater(delivery.queue(), again, postponed.at()).thenRun(() -> settler.ack(delivery));
        } catch (EncodeException e) {
            var failure = Failure.builtin("ValueError", "it cannot run later: " + e.getMessage());
            return complete(delivery, message, Execution.of(new Outcome.Failed(failure)), Map.of());
        }
    }

    /** The message goes to its queue again, without an overdue item; if too many are left out, the fallback counts. */
    public CompletableFuture<Void> again(Delivery delivery, TaskMessage message, int item, Execution fallback) {
        EncodedMessage again;
        try {
            again = PostponedMessage.without(delivery.properties(), delivery.body(), item);
        } catch (EncodeException e) {
            return complete(delivery, message, fallback, Map.of());
        }
        return outbox.deliver(delivery.queue(), again, true).thenRun(() -> settler.ack(delivery));
    }

    /** The delivery is no task message, or reading it crashed processes: its sender gets an answer where that can be. */
    public void unread(Delivery delivery, DeadReason reason, Failure failure) {
        var buried = bury(delivery, reason, failure);
        var id = delivery.properties().getCorrelationId();
        CompletableFuture<Void> replied = ResultCodec.isAnswerable(delivery.properties())
                ? outbox.deliver(delivery.properties().getReplyTo(), encode(id, id, new Outcome.Failed(failure)), false)
                : CompletableFuture.completedFuture(null);
        CompletableFuture.allOf(buried, replied).thenRun(() -> settler.ack(delivery));
    }

    /** Adds the dead letters by reason, and the messages among them that name no task of ours. */
    public void sample(Samples samples) {
        for (var reason : DeadReason.values()) {
            var count = buried(reason).sum();
            samples.add(Metric.DEAD_LETTERS.series("reason", reason.word()), count);
            if (reason == DeadReason.UNDECODABLE || reason == DeadReason.UNKNOWN_TASK) {
                samples.add(Metric.TASKS.series("task", Activity.UNKNOWN, "outcome", "rejected"), count);
            }
        }
    }

    private LongAdder buried(DeadReason reason) {
        return buried.computeIfAbsent(reason, first -> new LongAdder());
    }

    private CompletableFuture<Void> bury(Delivery delivery, DeadReason reason, Failure failure) {
        return bury(delivery.queue(), delivery.properties(), delivery.body(), reason, failure);
    }

    private CompletableFuture<Void> buryItem(Delivery delivery, TaskMessage message, int index, Failure failure) {
        var item = TaskCodec.encode(MapChunk.item(message, index));
        return bury(delivery.queue(), item.properties(), item.body(), DeadReason.WORKER_LOST, failure);
    }

    private CompletableFuture<Void> bury(
            String queue, AMQP.BasicProperties properties, byte[] body, DeadReason reason, Failure failure) {
        buried(reason).increment();
        var id = properties.getCorrelationId();
        LOG.warn("dead letter reason={} queue={} taskId={} error={}", reason.word(), queue, id, failure.type());
        var letter = new DeadLetter(reason.word(), failure, queue, workerName, clock.instant());
        return outbox.deliver(deadQueue, letter.encode(properties, body), true);
    }

    /** The outcome, in the trace that the task belongs to. */
    private static EncodedMessage reply(TaskMessage message, Outcome outcome) {
        var reply = encode(message.id(), message.correlationId(), outcome);
        var trace = TraceContext.of(message.headers());
        return trace == null ? reply : reply.withHeaders(trace.headers());
    }

    private static EncodedMessage encode(String taskId, String correlationId, Outcome outcome) {
        try {
            return ResultCodec.encode(taskId, correlationId, outcome);
        } catch (EncodeException e) {
            var failure = Failure.builtin("ValueError", "the task's result " + e.getMessage());
            return ResultCodec.encode(taskId, correlationId, new Outcome.Failed(failure));
        }
    }
}
