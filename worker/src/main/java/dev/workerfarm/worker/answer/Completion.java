package dev.workerfarm.worker.answer;

import dev.workerfarm.error.EncodeException;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.ResultCodec;
import dev.workerfarm.wire.task.ChunkPart;
import dev.workerfarm.wire.task.PostponedMessage;
import dev.workerfarm.wire.task.TaskMessage;
import dev.workerfarm.worker.commit.Committer;
import dev.workerfarm.worker.delivery.Delivery;
import dev.workerfarm.worker.delivery.Settler;
import dev.workerfarm.worker.metrics.Samples;
import dev.workerfarm.worker.run.Execution;
import dev.workerfarm.worker.run.Execution.DeadReason;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
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
    private final Letters letters;
    private final Replies replies;
    private final Settler settler;
    private final Committer committer;
    private final ResultStore results;
    private final String workerName;
    private final Clock clock = Clock.systemUTC();

    public Completion(
            Outbox outbox,
            HeldOutcomes held,
            Letters letters,
            Replies replies,
            Settler settler,
            Committer committer,
            ResultStore results,
            String workerName) {
        this.outbox = outbox;
        this.held = held;
        this.letters = letters;
        this.replies = replies;
        this.settler = settler;
        this.committer = committer;
        this.results = results;
        this.workerName = workerName;
    }

    /** The delivery has an outcome; a map's lost items are buried one by one. Completes when its ack is on the way. */
    public CompletableFuture<Void> complete(
            Delivery delivery, TaskMessage message, Execution execution, Map<Integer, Failure> lostItems) {
        if (execution.outcome() instanceof Outcome.Postponed postponed) {
            return postpone(delivery, message, execution, postponed);
        }
        List<CompletableFuture<Void>> steps = new ArrayList<>();
        if (execution.dead() != null) {
            steps.add(letters.bury(delivery, execution.dead(), ((Outcome.Failed) execution.outcome()).failure()));
        }
        steps.add(tell(delivery, message, execution));
        lostItems.forEach((place, failure) -> steps.add(letters.buryItem(delivery, message, place, failure)));
        return CompletableFuture.allOf(steps.toArray(CompletableFuture<?>[]::new))
                .thenRun(() -> {
                    settler.ack(delivery);
                    if (execution.committed() != null) {
                        committer.settled(execution.committed());
                    }
                });
    }

    /** Answers the caller and stores what it was told. */
    private CompletableFuture<Void> tell(Delivery delivery, TaskMessage message, Execution execution) {
        var replyTo = message.ignoreResult() ? null : message.replyTo();
        if (replyTo == null) {
            return store(message, execution.outcome());
        }
        var answered = replies.answer(delivery, message, replyTo, execution);
        return message.storesResult()
                ? answered.thenCompose(told -> store(message, told))
                : answered.thenApply(told -> null);
    }

    private CompletableFuture<Void> store(TaskMessage message, Outcome outcome) {
        return message.storesResult() ? results.store(message.id(), outcome) : CompletableFuture.completedFuture(null);
    }

    /** The message goes to its queue again, with this attempt's outcome: it is published again if the ack is lost. */
    private CompletableFuture<Void> postpone(
            Delivery delivery, TaskMessage message, Execution execution, Outcome.Postponed postponed) {
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
            return held.track(delivery, sending, again, false)
                    .thenRun(() -> settler.ack(delivery))
                    .exceptionallyCompose(
                            refused -> notLater(delivery, message, execution, postponed, Replies.cause(refused)));
        } catch (EncodeException e) {
            return notLater(delivery, message, execution, postponed, e);
        }
    }

    /** The retry fails in its place, also for whoever looks up what was committed. */
    private CompletableFuture<Void> notLater(
            Delivery delivery,
            TaskMessage message,
            Execution execution,
            Outcome.Postponed postponed,
            Throwable reason) {
        var before = postponed.failure();
        var why = before == null ? "" : "; it had failed with " + before.type() + ": " + before.text();
        var failed =
                new Outcome.Failed(Failure.builtin("ValueError", "it cannot run later: " + reason.getMessage() + why));
        var committed = execution.committed();
        return committed == null
                ? complete(delivery, message, Execution.of(failed), Map.of())
                : committer
                        .insteadOf(committed.run(), postponed, failed)
                        .thenCompose(outcome -> outcome instanceof Outcome.Postponed
                                ? CompletableFuture.<Void>completedFuture(null).thenRun(() -> settler.ack(delivery))
                                : complete(delivery, message, Execution.committed(outcome, committed), Map.of()));
    }

    /**
     * The message goes to its queue again, without an overdue item; if too many are left out, the fallback counts.
     *
     * @param rest the part of its chunk that is to go there, or null: all of it
     */
    public CompletableFuture<Void> again(
            Delivery delivery, TaskMessage message, int item, @Nullable ChunkPart rest, Execution fallback) {
        EncodedMessage again;
        try {
            var whole = new EncodedMessage(delivery.properties(), delivery.body());
            var part = rest == null ? whole : rest.message(whole.properties(), whole.body());
            again = PostponedMessage.without(part.properties(), part.body(), item);
        } catch (EncodeException e) {
            return complete(delivery, message, fallback, Map.of());
        }
        return held.track(delivery, outbox.deliver(delivery.queue(), again, true), again, false)
                .thenRun(() -> settler.ack(delivery))
                .exceptionallyCompose(refused -> complete(delivery, message, fallback, Map.of()));
    }

    /** The delivery is no task message, or reading it crashed processes: its sender gets an answer where that can be. */
    public void unread(Delivery delivery, DeadReason reason, Failure failure) {
        var buried = letters.bury(delivery, reason, failure);
        var replied = ResultCodec.isAnswerable(delivery.properties())
                ? replies.answerUnread(delivery, failure)
                : CompletableFuture.completedFuture(null);
        CompletableFuture.allOf(buried, replied).thenRun(() -> settler.ack(delivery));
    }

    /** Adds the dead letters by reason, and the messages among them that name no task of ours. */
    public void sample(Samples samples) {
        letters.sample(samples);
    }
}
