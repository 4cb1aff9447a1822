package dev.workerfarm.pool;

import dev.workerfarm.broker.ConfirmedPublisher;
import dev.workerfarm.broker.Topology;
import dev.workerfarm.config.Durations;
import dev.workerfarm.error.PublishTimeoutException;
import dev.workerfarm.error.TaskCancelledException;
import dev.workerfarm.message.ControlCodec;
import dev.workerfarm.message.ControlMessage.Revoke;
import dev.workerfarm.message.ControlMessage.Revoke.Running;
import dev.workerfarm.message.EncodedMessage;
import dev.workerfarm.message.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes task messages and brings them and their {@link Replies} together by the task's id, each side on a connection
 * of its own. The first final reply of an id counts, others are dropped. If the reply queue is gone after a reconnection,
 * what is unanswered is published again. Threads may share it.
 */
final class Dispatcher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
    private static final int WINDOW = 1024;

    /** @param patient whether it waits for a broker that takes no messages, however long */
    private record Unanswered(
            String queue,
            EncodedMessage message,
            @Nullable Instant due,
            boolean patient,
            CompletableFuture<Outcome> outcome) {}

    private final PoolConfig config;
    private final Map<String, Unanswered> unanswered = new ConcurrentHashMap<>();
    private final ConfirmedPublisher publisher;
    private final Replies replies;
    private volatile boolean terminated;

    private Dispatcher(PoolConfig config) {
        var id = UUID.randomUUID().toString();
        this.config = config;
        this.publisher = ConfirmedPublisher.open(
                config.broker(),
                "producer " + id + " publishing",
                new Topology(config.names(), List.of()),
                WINDOW,
                fault -> LOG.error("this pool publishes no more, each call fails reason={}", fault.toString()));
        try {
            this.replies = Replies.open(
                    config.broker(),
                    "producer " + id + " consuming",
                    config.names().replies(id),
                    new Answers());
        } catch (RuntimeException e) {
            publisher.close();
            throw e;
        }
    }

    /** @throws dev.workerfarm.error.BrokerUnreachableException if the broker is not there */
    static Dispatcher open(PoolConfig config) {
        return new Dispatcher(config);
    }

    String replyQueue() {
        return replies.queue();
    }

    /**
     * Publishes a task message under its id.
     *
     * @param due not to be delivered before, or null: at once
     * @return its outcome; fails if the broker returned or refused the message, or did not take it in time
     * @throws PublishTimeoutException if the broker takes no messages
     */
    CompletableFuture<Outcome> dispatch(String id, String queue, EncodedMessage message, @Nullable Instant due) {
        return dispatch(id, new Unanswered(queue, message, due, false, new CompletableFuture<>()));
    }

    /**
     * As {@link #dispatch}, at once; but once it has its place among the unconfirmed it waits for the broker, however long. What
     * others have done for it before would be lost with it.
     */
    CompletableFuture<Outcome> dispatchPatiently(String id, String queue, EncodedMessage message) {
        return dispatch(id, new Unanswered(queue, message, null, true, new CompletableFuture<>()));
    }

    private CompletableFuture<Outcome> dispatch(String id, Unanswered pending) {
        var outcome = pending.outcome();
        unanswered.put(id, pending);
        outcome.whenComplete((done, failed) -> unanswered.remove(id));
        if (terminated) {
            outcome.completeExceptionally(new TaskCancelledException(id));
            return outcome;
        }
        try {
            publish(pending);
        } catch (RuntimeException e) {
            outcome.completeExceptionally(e);
            throw e;
        }
        return outcome;
    }

    /**
     * Publishes a task message that asks for no reply.
     *
     * @return completes when the broker has confirmed it; fails if it returned or refused it, or did not take it in time
     * @throws PublishTimeoutException if the broker takes no messages
     */
    CompletableFuture<Void> publishOnly(String queue, EncodedMessage message, @Nullable Instant due) {
        var since = System.nanoTime();
        return inTime(queue, since, publishPatiently(queue, message, due));
    }

    private CompletableFuture<Void> publishPatiently(String queue, EncodedMessage message, @Nullable Instant due) {
        return due == null
                ? publisher.publish(queue, message, true, config.publishTimeout())
                : publisher.publishLater(queue, message, due, config.publishTimeout());
    }

    private void publish(Unanswered pending) {
        var confirmed = pending.patient()
                ? publishPatiently(pending.queue(), pending.message(), pending.due())
                : publishOnly(pending.queue(), pending.message(), pending.due());
        confirmed.whenComplete((nothing, refused) -> {
            if (refused != null) {
                pending.outcome().completeExceptionally(refused);
            }
        });
    }

    /** Gives up what is not confirmed in time: a broker that blocks publishers says nothing, and may do so for days. */
    private CompletableFuture<Void> inTime(String queue, long since, CompletableFuture<Void> confirmed) {
        var timeout = Durations.nanos(config.publishTimeout());
        var left = Math.max(0, timeout - (System.nanoTime() - since));
        var inTime = new CompletableFuture<Void>();
        confirmed.orTimeout(left, TimeUnit.NANOSECONDS).whenComplete((nothing, failed) -> {
            if (failed == null) {
                inTime.complete(null);
            } else if (failed instanceof TimeoutException) {
                inTime.completeExceptionally(
                        new PublishTimeoutException("the broker did not confirm the message within "
                                + TimeUnit.NANOSECONDS.toMillis(timeout)
                                + " ms: it is away or blocks publishers (memory or disk alarm); the task may still run; queue="
                                + queue));
            } else {
                inTime.completeExceptionally(failed);
            }
        });
        return inTime;
    }

    /**
     * How many consumers a queue has.
     *
     * @return 0 too where there is no such queue, or the broker is away for the moment
     */
    int consumers(String queue) {
        return replies.consumers(queue);
    }

    /**
     * Cancels a task: its outcome fails with a {@link TaskCancelledException}, and workers are told.
     *
     * @return false if it has ended already
     */
    boolean cancel(String id) {
        var pending = unanswered.get(id);
        if (pending == null || pending.outcome().isDone()) {
            return false;
        }
        // First: the last call's end closes a pool that waits for it, and the connection with it.
        revoke(List.of(id));
        return pending.outcome().completeExceptionally(new TaskCancelledException(id));
    }

    /**
     * Tells every worker that hears it that these tasks or maps are not wanted any more. A broker that takes no messages
     * now is not waited for.
     */
    void revoke(List<String> ids) {
        try {
            publisher
                    .broadcast(
                            config.names().control(),
                            ControlCodec.encode(new Revoke(ids, Running.GOES_ON)),
                            Duration.ZERO)
                    .exceptionally(refused -> {
                        LOG.debug("not revoked reason={}", refused.getMessage());
                        return null;
                    });
        } catch (PublishTimeoutException e) {
            LOG.debug("not revoked reason={}", e.getMessage());
        }
    }

    /** Cancels whatever is unanswered, and what comes after. */
    void terminate() {
        terminated = true;
        var ids = List.copyOf(unanswered.keySet());
        for (int from = 0; from < ids.size(); from += Revoke.MAX_IDS) {
            revoke(ids.subList(from, Math.min(ids.size(), from + Revoke.MAX_IDS)));
        }
        // After that, as in cancel.
        unanswered.forEach((id, pending) -> pending.outcome().completeExceptionally(new TaskCancelledException(id)));
    }

    /** Deletes the reply queue and closes. Nothing may be unanswered any more. */
    @Override
    public void close() {
        publisher.close();
        replies.close();
    }

    /** What came on the reply queue. */
    private final class Answers implements Replies.Listener {
        @Override
        public void answered(String id, Outcome outcome) {
            var pending = unanswered.get(id);
            if (pending != null) {
                pending.outcome().complete(outcome);
            }
        }

        @Override
        public void lost() {
            LOG.warn("the reply queue was gone, publishing again what is unanswered count={}", unanswered.size());
            // On a thread of its own: the broker may take no messages yet, and the caller is needed for others.
            var thread = new Thread(this::publishAgain, "workerfarm-publish-again");
            thread.setDaemon(true);
            thread.start();
        }

        private void publishAgain() {
            unanswered.values().forEach(pending -> {
                try {
                    publish(pending);
                } catch (PublishTimeoutException e) {
                    pending.outcome().completeExceptionally(e);
                }
            });
        }
    }
}
