package dev.workerfarm.worker.answer;

import dev.workerfarm.broker.ConfirmedPublisher;
import dev.workerfarm.error.CallInterruptedException;
import dev.workerfarm.error.PublishTimeoutException;
import dev.workerfarm.loop.Backoff;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.worker.process.Cancellation;
import dev.workerfarm.worker.process.JobThread;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Publishes until the broker has confirmed; meanwhile the outcome's delivery is unacked. Threads may share it. */
public final class Outbox implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);
    private static final Duration FOR_EVER = Duration.ofDays(365);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    @FunctionalInterface
    public interface Publisher {
        /**
         * Publishes to a queue, to be delivered at {@code due} (null: now); completes when the broker has confirmed,
         * exceptionally if it refused. Throws {@link PublishTimeoutException} where the thread is interrupted.
         */
        CompletableFuture<Void> publish(String queue, EncodedMessage message, boolean mandatory, @Nullable Instant due);

        static Publisher of(ConfirmedPublisher publisher) {
            return (queue, message, mandatory, due) -> due == null
                    ? publisher.publish(queue, message, mandatory, FOR_EVER)
                    : publisher.publishLater(queue, message, due, FOR_EVER);
        }
    }

    private final Publisher publisher;
    private final Cancellation cancellation;
    private final Consumer<? super Throwable> end;
    /** For retries alone, as a retry may wait for a place in the publisher's window. */
    private final JobThread retries = new JobThread("workerfarm-outbox");

    /** @param end takes an unexpected fault of a retry: its message would be held for ever */
    public Outbox(Publisher publisher, Cancellation cancellation, Consumer<? super Throwable> end) {
        this.publisher = publisher;
        this.cancellation = cancellation;
        this.end = end;
    }

    /** Publishes; completes when it is confirmed. Throws only if the process gives up what runs. */
    public CompletableFuture<Void> deliver(String queue, EncodedMessage message, boolean mandatory) {
        return deliver(queue, () -> publisher.publish(queue, message, mandatory, null));
    }

    /** As {@link #deliver}, mandatory, to be delivered at {@code due}; EncodeException if the queue has no delay. */
    CompletableFuture<Void> deliverLater(String queue, EncodedMessage message, Instant due) {
        return deliver(queue, () -> publisher.publish(queue, message, true, due));
    }

    /** Ends the retries; what is held stays unacked. */
    @Override
    public void close() {
        retries.close();
    }

    private CompletableFuture<Void> deliver(String queue, Supplier<CompletableFuture<Void>> publish) {
        var delivered = new CompletableFuture<Void>();
        attempt(queue, publish, new Backoff(FIRST_PAUSE, LONGEST_PAUSE), delivered);
        return delivered;
    }

    private void attempt(
            String queue,
            Supplier<CompletableFuture<Void>> publish,
            Backoff backoff,
            CompletableFuture<Void> delivered) {
        uninterrupted(publish).whenComplete((nothing, refused) -> {
            if (refused == null) {
                delivered.complete(null);
                return;
            }
            var pause = backoff.next();
            var reason = refused.getMessage();
            LOG.warn("refused, held and tried again queue={} inMs={} reason={}", queue, pause.toMillis(), reason);
            try {
                retries.once(
                        pause,
                        "outbox retry",
                        () -> attempt(queue, publish, backoff, delivered),
                        this::endUnlessStopping);
            } catch (Throwable fault) { // such as no thread for the first retry: the message would be held for ever
                endUnlessStopping(fault);
            }
        });
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
