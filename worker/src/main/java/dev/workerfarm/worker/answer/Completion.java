package dev.workerfarm.worker.answer;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.error.EncodeException;
import dev.workerfarm.error.MessageRefusedException;
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
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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
    private final HeldOutcomes held;
    private final Settler settler;
    private final Committer committer;
    private final ResultStore results;
    private final String deadQueue;
    private final String workerName;
    private final Clock clock = Clock.systemUTC();
    private final Map<DeadReason, LongAdder> buried = new ConcurrentHashMap<>();

    public Completion(
            Outbox outbox,
            HeldOutcomes held,
            Settler settler,
            Committer committer,
            ResultStore results,
            String deadQueue,
            String workerName) {
        this.results = results;
        this.outbox = outbox;
        this.held = held;
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
            steps.add(answer(delivery, message, execution).thenCompose(told -> store(message, told)));
        } else {
            steps.add(store(message, execution.outcome()));
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
            var sending = outbox.deliverLater(delivery.queue(), again, postponed.at());
            held.add(delivery, sending, again.body().length, false);
            return sending.thenRun(() -> settler.ack(delivery))
                    .exceptionallyCompose(refused -> notLater(delivery, message, refused));
        } catch (EncodeException e) {
            return notLater(delivery, message, e);
        }
    }

    private CompletableFuture<Void> notLater(Delivery delivery, TaskMessage message, Throwable reason) {
        var failure = Failure.builtin(
                "ValueError", "it cannot run later: " + cause(reason).getMessage());
        return complete(delivery, message, Execution.of(new Outcome.Failed(failure)), Map.of());
    }

    /** Sends the reply. Completes with the outcome that it tells: a failure where the broker takes no reply of that size. */
    private CompletableFuture<Outcome> answer(Delivery delivery, TaskMessage message, Execution execution) {
        var outcome = execution.outcome();
        return reply(delivery, message, outcome).thenApply(sent -> outcome).exceptionallyCompose(refused -> {
            var told = new Outcome.Failed(Failure.tooLarge(why(execution, cause(refused))));
            return reply(delivery, message, told)
                    .exceptionallyCompose(again -> buryReply(delivery, encode(message, told), message, cause(again)))
                    .thenApply(sent -> told);
        });
    }

    private static String why(Execution execution, Throwable refused) {
        var hasEffects = execution.committed() != null && execution.outcome() instanceof Outcome.Succeeded;
        return refused.getMessage() + (hasEffects ? "; its effects on shared state were applied" : "");
    }

    /** Sends one reply, which becomes a letter if its queue takes nothing for long. Fails if the broker refuses this message. */
    private CompletableFuture<Void> reply(Delivery delivery, TaskMessage message, Outcome outcome) {
        var replyTo = Objects.requireNonNull(message.replyTo());
        var reply = encode(message, outcome);
        var sending = outbox.deliver(replyTo, reply, false);
        held.add(delivery, sending, reply.body().length, true);
        return sending.exceptionallyCompose(refused -> refused instanceof MessageRefusedException
                ? CompletableFuture.failedFuture(refused)
                : buryReply(delivery, reply, message, refused));
    }

    /** The letter is the outcome: a replay publishes that, and runs nothing. */
    private CompletableFuture<Void> buryReply(
            Delivery delivery, EncodedMessage reply, TaskMessage message, Throwable reason) {
        var failure = new Failure("Unanswered", "dev.workerfarm", String.valueOf(reason.getMessage()), null);
        var replyTo = Objects.requireNonNull(message.replyTo());
        return bury(delivery, replyTo, reply.properties(), reply.body(), DeadReason.UNANSWERED, failure);
    }

    private CompletableFuture<Void> store(TaskMessage message, Outcome outcome) {
        return message.storesResult() ? results.store(message.id(), outcome) : CompletableFuture.completedFuture(null);
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /** The message goes to its queue again, without an overdue item; if too many are left out, the fallback counts. */
    public CompletableFuture<Void> again(Delivery delivery, TaskMessage message, int item, Execution fallback) {
        EncodedMessage again;
        try {
            again = PostponedMessage.without(delivery.properties(), delivery.body(), item);
        } catch (EncodeException e) {
            return complete(delivery, message, fallback, Map.of());
        }
        var sending = outbox.deliver(delivery.queue(), again, true);
        held.add(delivery, sending, again.body().length, false);
        return sending.thenRun(() -> settler.ack(delivery))
                .exceptionallyCompose(refused -> complete(delivery, message, fallback, Map.of()));
    }

    /** The delivery is no task message, or reading it crashed processes: its sender gets an answer where that can be. */
    public void unread(Delivery delivery, DeadReason reason, Failure failure) {
        var buried = bury(delivery, reason, failure);
        CompletableFuture<Void> replied = CompletableFuture.completedFuture(null);
        if (ResultCodec.isAnswerable(delivery.properties())) {
            var id = delivery.properties().getCorrelationId();
            var reply = encode(id, id, new Outcome.Failed(failure));
            var sending = outbox.deliver(delivery.properties().getReplyTo(), reply, false);
            held.add(delivery, sending, reply.body().length, true);
            // The letter has it all: a sender that cannot be answered does not hold it up.
            replied = sending.exceptionally(refused -> null);
        }
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
        return bury(delivery, delivery.queue(), delivery.properties(), delivery.body(), reason, failure);
    }

    private CompletableFuture<Void> buryItem(Delivery delivery, TaskMessage message, int index, Failure failure) {
        var item = TaskCodec.encode(MapChunk.item(message, index));
        return bury(delivery, delivery.queue(), item.properties(), item.body(), DeadReason.WORKER_LOST, failure);
    }

    private CompletableFuture<Void> bury(
            Delivery delivery,
            String queue,
            AMQP.BasicProperties properties,
            byte[] body,
            DeadReason reason,
            Failure failure) {
        buried(reason).increment();
        var id = properties.getCorrelationId();
        LOG.warn("dead letter reason={} queue={} taskId={} error={}", reason.word(), queue, id, failure.type());
        var letter = new DeadLetter(reason.word(), failure, queue, workerName, clock.instant());
        var encoded = letter.encode(properties, body);
        var sending = outbox.deliver(deadQueue, encoded, true);
        held.add(delivery, sending, encoded.body().length, false);
        return sending.exceptionallyCompose(refused -> {
            var brief = letter.encodeBriefly(properties, body);
            var again = outbox.deliverWhatever(deadQueue, brief);
            held.add(delivery, again, brief.body().length, false);
            return again;
        });
    }

    /** The outcome, in the trace that the task belongs to. */
    private static EncodedMessage encode(TaskMessage message, Outcome outcome) {
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
