package dev.workerfarm.worker.delivery;

import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.loop.Loop;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place that settles deliveries, on its own thread, in batches. A lost connection's need no settling. */
public final class Settler {
    private static final Logger LOG = LoggerFactory.getLogger(Settler.class);

    private static final Duration FINISH_TIMEOUT = Duration.ofSeconds(1);
    /** So long the rest of a group is waited for: the broker confirms replies in groups, and each ack is work for it. */
    private static final Duration GATHERING = Duration.ofNanos(200_000);

    /** What is to be done; each step returns what is then to be acked. */
    private final BlockingQueue<Supplier<List<Delivery>>> waiting = new LinkedBlockingQueue<>();

    private final Supplier<List<Delivery>> last = List::of;
    /** Used by the settler's thread alone. */
    private final Handovers handovers;
    /** What is to be acked at the end of the batch; used by the settler's thread alone. */
    private final Map<Subscription, List<Long>> done = new LinkedHashMap<>();

    private final Loop loop;

    /** @param end takes what the thread died of: without it nothing is acked */
    public Settler(Handovers handovers, Consumer<? super Throwable> end) {
        this.handovers = handovers;
        this.loop = Loop.ending("workerfarm-settler", this::settleBatch, end);
    }

    public Settler start() {
        loop.start();
        return this;
    }

    /** The outcome is where it belongs: the message is acked. */
    public void ack(Delivery delivery) {
        waiting.add(() -> handovers.settled(delivery));
    }

    /** The delivery was not begun here: another worker shall have it. */
    public void giveBack(Delivery delivery) {
        waiting.add(() -> {
            onBroker(delivery.queue(), () -> delivery.subscription().giveBack(delivery.tag()));
            return List.of();
        });
    }

    /** The message came back too often: it is published again and this delivery acked; {@code refused} runs if it cannot be. */
    void publishAgain(Delivery delivery, Runnable refused) {
        waiting.add(() -> handovers.publishAgain(delivery, () -> ack(delivery), refused));
    }

    /** The delivery was begun long ago: from now on a copy in a queue of this process shall hold it. */
    void handOver(Delivery delivery, String copies) {
        Consumer<Long> confirmed = number -> waiting.add(() -> handovers.confirmed(number, System.nanoTime()));
        Consumer<Long> refused = number -> waiting.add(() -> handovers.refused(number));
        waiting.add(() -> isSettled(delivery)
                ? List.of()
                : handovers.begin(delivery, copies, confirmed, refused, System.nanoTime()));
    }

    /** A delivery from a queue of this process. */
    public void arrived(Delivery copy) {
        waiting.add(() -> handovers.arrived(copy));
    }

    /** The connection of all deliveries so far is lost; called before the next one is opened. */
    void lost() {
        waiting.add(handovers::lost);
    }

    /** Settles what was asked for before, then ends. Harmless when repeated. */
    public void finish() {
        waiting.add(last);
        try {
            loop.join(FINISH_TIMEOUT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void settleBatch() throws InterruptedException {
        List<Supplier<List<Delivery>>> batch = new ArrayList<>();
        batch.add(waiting.take());
        LockSupport.parkNanos(GATHERING.toNanos());
        waiting.drainTo(batch);
        for (var step : batch) {
            for (var delivery : step.get()) {
                done.computeIfAbsent(delivery.subscription(), subscription -> new ArrayList<>())
                        .add(delivery.tag());
            }
        }
        done.forEach((subscription, tags) -> onBroker(subscription.queue(), () -> subscription.ack(tags)));
        done.clear();
        if (batch.contains(last)) {
            loop.stopAfterThisPass();
        }
    }

    private boolean isSettled(Delivery delivery) {
        return done.getOrDefault(delivery.subscription(), List.of()).contains(delivery.tag())
                || !delivery.subscription().holds(delivery.tag());
    }

    private static void onBroker(String queue, BrokerCall call) {
        try {
            call.run();
        } catch (IOException | ShutdownSignalException e) {
            LOG.debug("not settled, its connection is gone and the broker delivers it again queue={}", queue);
        }
    }

    private interface BrokerCall {
        void run() throws IOException;
    }
}
