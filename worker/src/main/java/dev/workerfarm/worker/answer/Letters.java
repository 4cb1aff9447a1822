package dev.workerfarm.worker.answer;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.letter.DeadLetter;
import dev.workerfarm.wire.task.MapChunk;
import dev.workerfarm.wire.task.TaskCodec;
import dev.workerfarm.wire.task.TaskMessage;
import dev.workerfarm.worker.delivery.Delivery;
import dev.workerfarm.worker.metrics.Metric;
import dev.workerfarm.worker.metrics.Samples;
import dev.workerfarm.worker.run.Activity;
import dev.workerfarm.worker.run.Execution.DeadReason;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends to the dead letters what is given up. Each method completes when the broker has the letter. Threads may share it. */
public final class Letters {
    private static final Logger LOG = LoggerFactory.getLogger(Letters.class);

    private final Outbox outbox;
    private final HeldOutcomes held;
    private final String queue;
    private final String workerName;
    private final Clock clock = Clock.systemUTC();
    private final Map<DeadReason, LongAdder> counts = new ConcurrentHashMap<>();

    /** @param queue the name of the dead letters' queue */
    public Letters(Outbox outbox, HeldOutcomes held, String queue, String workerName) {
        this.outbox = outbox;
        this.held = held;
        this.queue = queue;
        this.workerName = workerName;
    }

    CompletableFuture<Void> bury(Delivery delivery, DeadReason reason, Failure failure) {
        return bury(delivery, delivery.queue(), delivery.properties(), delivery.body(), reason, failure);
    }

    /** One item of a map, as a message of its own. */
    CompletableFuture<Void> buryItem(Delivery delivery, TaskMessage message, int place, Failure failure) {
        var item = TaskCodec.encode(MapChunk.item(message, place));
        return bury(delivery, delivery.queue(), item.properties(), item.body(), DeadReason.WORKER_LOST, failure);
    }

    /** A reply that its queue does not take. The letter is the outcome: a replay publishes that, and runs nothing. */
    CompletableFuture<Void> buryReply(Delivery delivery, String replyTo, EncodedMessage reply, Throwable reason) {
        var failure = new Failure("Unanswered", "dev.workerfarm", String.valueOf(reason.getMessage()), null);
        return bury(delivery, replyTo, reply.properties(), reply.body(), DeadReason.UNANSWERED, failure);
    }

    /** A letter that the broker refuses is sent again with little beside the message, and held until it is taken. */
    private CompletableFuture<Void> bury(
            Delivery delivery,
            String origin,
            AMQP.BasicProperties properties,
            byte[] body,
            DeadReason reason,
            Failure failure) {
        count(reason).increment();
        var id = properties.getCorrelationId();
        LOG.warn("dead letter reason={} queue={} taskId={} error={}", reason.word(), origin, id, failure.type());
        var letter = new DeadLetter(reason.word(), failure, origin, workerName, clock.instant());
        var full = letter.encode(properties, body);
        return held.track(delivery, outbox.deliver(queue, full, true), full, false)
                .exceptionallyCompose(refused -> {
                    var brief = letter.encodeBriefly(properties, body);
                    return held.track(delivery, outbox.deliverWhatever(queue, brief), brief, false);
                });
    }

    /** Adds the dead letters by reason, and the messages among them that name no task of ours. */
    void sample(Samples samples) {
        for (var reason : DeadReason.values()) {
            var count = count(reason).sum();
            samples.add(Metric.DEAD_LETTERS.series("reason", reason.word()), count);
            if (reason == DeadReason.UNDECODABLE || reason == DeadReason.UNKNOWN_TASK) {
                samples.add(Metric.TASKS.series("task", Activity.UNKNOWN, "outcome", "rejected"), count);
            }
        }
    }

    private LongAdder count(DeadReason reason) {
        return counts.computeIfAbsent(reason, first -> new LongAdder());
    }
}
