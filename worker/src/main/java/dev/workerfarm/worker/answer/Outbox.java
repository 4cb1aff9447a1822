package dev.workerfarm.worker.answer;

import dev.workerfarm.broker.ConfirmedPublisher;
import dev.workerfarm.broker.Topology.QueueHome;
import dev.workerfarm.error.CallInterruptedException;
import dev.workerfarm.error.PublishException;
import dev.workerfarm.error.PublishException.MessageRefused;
import dev.workerfarm.error.PublishException.Returned;
import dev.workerfarm.error.PublishTimeoutException;
import dev.workerfarm.loop.Backoff;
import dev.workerfarm.loop.Loop;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.worker.process.Cancellation;
import dev.workerfarm.worker.process.JobThread;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Publishes until the broker has confirmed; meanwhile the outcome's delivery is unacked. Threads may share it. */
public final class Outbox implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);
    private static final Duration FOR_EVER = Duration.ofDays(365);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final Duration FIRST_PAUSE_OF_A_REPLY = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE_OF_A_REPLY = Duration.ofSeconds(2);

    public interface Publisher {
        /**
         * Publishes to a queue, to be delivered at {@code due} (null: now); completes when the broker has confirmed,
         * exceptionally if it refused. Throws {@link PublishTimeoutException} where the thread is interrupted.
         */
        CompletableFuture<Void> publish(String queue, EncodedMessage message, boolean mandatory, @Nullable Instant due);

        /** Whether replies may be mandatory: that one came back is no refusal. */
        default boolean returnsReplies() {
            return true;
        }

        /** What the broker says of a queue; may take seconds. An IOException: it does not answer. */
        QueueHome look(String queue) throws IOException;

        /** Declares a reply queue. An IOException: the broker does not answer, or refuses. */
        void declareReplies(String queue) throws IOException;

        /** By a real publisher. {@code landing}: where a message for a queue is to come to when it is due. */
        static Publisher of(ConfirmedPublisher publisher, UnaryOperator<String> landing) {
            return new Publisher() {
                @Override
                public CompletableFuture<Void> publish(
                        String queue, EncodedMessage message, boolean mandatory, @Nullable Instant due) {
                    return due == null
                            ? publisher.publish(queue, message, mandatory, FOR_EVER)
                            : publisher.publishLater(landing.apply(queue), message, due, FOR_EVER);
                }

                @Override
                public boolean returnsReplies() {
                    return publisher.confirmsReturns();
                }

                @Override
                public void declareReplies(String queue) throws IOException {
                    publisher.declareReplies(queue);
                }

                @Override
                public QueueHome look(String queue) throws IOException {
                    return publisher.look(queue);
                }
            };
        }
    }

    /** A message on its way: completes when the broker has confirmed it, exceptionally if it is given up. */
    public static final class Sending extends CompletableFuture<Void> {
        private final String queue;
        private final boolean whatever;
        private volatile @Nullable CompletableFuture<Void> published;
        /** The queue to which a reply went last; null: to none that matters. */
        private volatile @Nullable String target;

        Sending(String queue, boolean whatever) {
            this.queue = queue;
            this.whatever = whatever;
        }

        String queue() {
            return queue;
        }

        void target(@Nullable String present) {
            target = present;
        }

        /** A reply that went elsewhere than to the queue that takes replies is published again; null: none does. */
        void turn(@Nullable String present) {
            var went = target;
            var onItsWay = published;
            if (went != null && onItsWay != null && !went.equals(present)) {
                onItsWay.completeExceptionally(new Returned("queue " + went + " does not take it"));
            }
        }

        /** It is published no more; fails with a {@link PublishException}. */
        void giveUp(String why) {
            completeExceptionally(new PublishException("a message for queue=" + queue + " was given up: " + why));
            var onItsWay = published;
            if (onItsWay != null) {
                onItsWay.cancel(false);
            }
        }
    }

    private final Map<String, String> refusals = new ConcurrentHashMap<>();
    private final Publisher publisher;
    private final Cancellation cancellation;
    private final Consumer<? super Throwable> end;
    /** For retries alone, as they may wait for a place in the publisher's window. */
    private final JobThread retries = new JobThread("workerfarm-outbox");

    private final ReplyQueues replyQueues;

    /** @param end takes an unexpected fault of a retry: its message would be held for ever */
    public Outbox(Publisher publisher, Cancellation cancellation, Consumer<? super Throwable> end) {
        this.publisher = publisher;
        // A question may take seconds, and others shall not wait for it.
        this.replyQueues = new ReplyQueues(
                publisher,
                question -> Loop.daemon(
                                "workerfarm-reply-queue", Loop.job("reply queue", question, this::endUnlessStopping))
                        .start());
        this.cancellation = cancellation;
        this.end = end;
    }

    /**
     * Publishes; completes when it is confirmed, or fails with {@link MessageRefused}: this message will never be
     * taken. Throws only if the process gives up what runs.
     */
    public Sending deliver(String queue, EncodedMessage message, boolean mandatory) {
        return send(new Sending(queue, false), () -> publisher.publish(queue, message, mandatory, null));
    }

    /** As {@link #deliver}, a reply: dropped if its queue is gone, to the queue beside it while its node is down. */
    Sending deliverReply(String queue, EncodedMessage reply) {
        var sending = new Sending(queue, false);
        var backoff = new Backoff(FIRST_PAUSE_OF_A_REPLY, LONGEST_PAUSE_OF_A_REPLY);
        attempt(() -> replyQueues.publish(sending, reply), backoff, sending);
        return sending;
    }

    /** No confirm of a reply comes: asks what has become of its queue, and publishes it again where that is of use. */
    void doubt(Sending reply) {
        replyQueues.doubt(reply);
    }

    /** As {@link #deliver}, mandatory, and tried again whatever the broker says. */
    Sending deliverWhatever(String queue, EncodedMessage message) {
        return send(new Sending(queue, true), () -> publisher.publish(queue, message, true, null));
    }

    /** As {@link #deliver}, mandatory, to be delivered at {@code due}; EncodeException if the queue has no delay. */
    Sending deliverLater(String queue, EncodedMessage message, Instant due) {
        return send(new Sending(queue, false), () -> publisher.publish(queue, message, true, due));
    }

    /** Why the broker refused the last message for a queue; null: it did not. */
    public @Nullable String refusal(String queue) {
        return refusals.get(queue);
    }

    /** Ends the retries; what is held stays unacked. */
    @Override
    public void close() {
        retries.close();
    }

    private Sending send(Sending sending, Supplier<CompletableFuture<Void>> publish) {
        attempt(publish, new Backoff(FIRST_PAUSE, LONGEST_PAUSE), sending);
        return sending;
    }

    private void attempt(Supplier<CompletableFuture<Void>> publish, Backoff backoff, Sending sending) {
        if (sending.isDone()) {
            return;
        }
        var published = uninterrupted(publish);
        sending.published = published;
        published.whenComplete((nothing, refused) -> {
            if (refused == null) {
                if (!refusals.isEmpty()) {
                    refusals.remove(sending.queue());
                }
                sending.complete(null);
            } else if (refused instanceof MessageRefused && !sending.whatever) {
                sending.completeExceptionally(refused);
            } else if (!sending.isDone()) {
                again(publish, backoff, sending, refused);
            }
        });
    }

    private void again(Supplier<CompletableFuture<Void>> publish, Backoff backoff, Sending sending, Throwable refused) {
        var pause = backoff.next();
        var reason = String.valueOf(refused.getMessage());
        refusals.put(sending.queue(), reason);
        if (!cancellation.isCancelled() && !(refused instanceof Returned)) { // of a reply: ReplyQueues reports
            var format = "refused, held and tried again queue={} inMs={} reason={}";
            LOG.warn(format, sending.queue(), pause.toMillis(), reason);
        }
        try {
            retries.once(pause, "outbox retry", () -> attempt(publish, backoff, sending), this::endUnlessStopping);
        } catch (Throwable fault) { // such as no thread for the first retry: the message would be held for ever
            endUnlessStopping(fault);
        }
    }

    /** An interrupt that does not come with the cancellation is an earlier task's: it must not cost the outcome. */
    private CompletableFuture<Void> uninterrupted(Supplier<CompletableFuture<Void>> publish) {
        while (true) {
            try {
                return publish.get();
            } catch (PublishTimeoutException | CallInterruptedException e) {
                if (cancellation.isCancelled()) {
                    throw e;
                }
                Thread.interrupted(); // nothing was published
            }
        }
    }

    private void endUnlessStopping(Throwable fault) {
        if (!cancellation.isCancelled()) {
            end.accept(fault);
        }
    }
}
