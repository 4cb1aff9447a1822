package dev.workerfarm.worker;

import dev.workerfarm.error.EncodeException;
import dev.workerfarm.message.DeadLetter;
import dev.workerfarm.message.EncodedMessage;
import dev.workerfarm.message.Failure;
import dev.workerfarm.message.Outcome;
import dev.workerfarm.message.ResultCodec;
import dev.workerfarm.message.TaskMessage;
import dev.workerfarm.worker.Execution.DeadReason;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a delivery's way, in this order: a copy to the dead letters where it can never succeed, the outcome to who
 * asked for it, each confirmed by the broker, and then the ack. Threads may share it.
 */
final class Completion {
    private static final Logger LOG = LoggerFactory.getLogger(Completion.class);

    private final Outbox outbox;
    private final Settler settler;
    private final String deadQueue;
    private final String workerName;
    private final Clock clock;

    Completion(Outbox outbox, Settler settler, String deadQueue, String workerName, Clock clock) {
        this.outbox = outbox;
        this.settler = settler;
        this.deadQueue = deadQueue;
        this.workerName = workerName;
        this.clock = clock;
    }

    /** A task ran, or was refused. */
    void complete(Delivery delivery, TaskMessage message, Execution execution) {
        CompletableFuture<Void> buried = execution.dead() == null
                ? CompletableFuture.completedFuture(null)
                : bury(delivery, execution.dead(), ((Outcome.Failed) execution.outcome()).failure());
        var replyTo = message.ignoreResult() ? null : message.replyTo();
        CompletableFuture<Void> replied = replyTo == null
                ? CompletableFuture.completedFuture(null)
                : outbox.deliver(replyTo, encode(message.id(), message.correlationId(), execution.outcome()), false);
        CompletableFuture.allOf(buried, replied).thenRun(() -> settler.ack(delivery));
    }

    /** It is no task message: whoever sent it is told where that can be. */
    void undecodable(Delivery delivery, Failure failure) {
        var buried = bury(delivery, DeadReason.UNDECODABLE, failure);
        var replyTo = delivery.properties().getReplyTo();
        var id = delivery.properties().getCorrelationId();
        CompletableFuture<Void> replied = replyTo == null || replyTo.isEmpty() || id == null
                ? CompletableFuture.completedFuture(null)
                : outbox.deliver(replyTo, encode(id, id, new Outcome.Failed(failure)), false);
        CompletableFuture.allOf(buried, replied).thenRun(() -> settler.ack(delivery));
    }

    private CompletableFuture<Void> bury(Delivery delivery, DeadReason reason, Failure failure) {
        LOG.warn(
                "dead letter reason={} queue={} taskId={} error={}",
                reason.word(),
                delivery.queue(),
                delivery.properties().getCorrelationId(),
                failure.type());
        var letter = new DeadLetter(reason.word(), failure, delivery.queue(), workerName, clock.instant());
        return outbox.deliver(deadQueue, letter.encode(delivery.properties(), delivery.body()), true);
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
