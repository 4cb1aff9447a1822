package dev.workerfarm.worker;

import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place that settles deliveries. Its single thread does so, in batches as they come: everybody else only says
 * what is to be done. A delivery of a connection that is gone needs no settling; the broker has it back.
 */
final class Settler {
    private static final Logger LOG = LoggerFactory.getLogger(Settler.class);

    private static final Duration FINISH_TIMEOUT = Duration.ofSeconds(1);

    /** What is to be done, and then what is to be acked. */
    private interface Step {
        List<Delivery> run();
    }

    private final BlockingQueue<Step> waiting = new LinkedBlockingQueue<>();
    private final Step last = List::of;
    private final Thread thread = new Thread(this::settle, "workerfarm-settler");
    private final Handovers handovers; // the thread's own
    /** What is to be acked when the batch has been gone through; the thread's own. */
    private final Map<Subscription, List<Long>> done = new LinkedHashMap<>();

    Settler(Handovers handovers) {
        this.handovers = handovers;
        thread.setDaemon(true);
        thread.start();
    }

    /** The outcome is where it belongs: the message may go. */
    void ack(Delivery delivery) {
        waiting.add(() -> handovers.settled(delivery));
    }

    /** It was not begun here: another worker shall have it. */
    void giveBack(Delivery delivery) {
        waiting.add(() -> {
            onBroker(delivery.queue(), () -> delivery.subscription().giveBack(delivery.tag()));
            return List.of();
        });
    }

    /** It was begun long ago: from now on it shall be held by a copy in a queue of this process. */
    void handOver(Delivery delivery, String copies) {
        waiting.add(() -> isSettled(delivery)
                ? List.of()
                : handovers.begin(
                        delivery,
                        copies,
                        number -> waiting.add(() -> handovers.confirmed(number, System.nanoTime())),
                        number -> waiting.add(() -> handovers.refused(number)),
                        System.nanoTime()));
    }

    /** A delivery from a queue of this process. */
    void arrived(Delivery copy) {
        waiting.add(() -> handovers.arrived(copy));
    }

    /** The connection of all deliveries so far is gone; to be said before the next is opened. */
    void lost() {
        waiting.add(handovers::lost);
    }

    /** Settles what was asked for before, then ends. Harmless when repeated. */
    void finish() {
        waiting.add(last);
        try {
            thread.join(FINISH_TIMEOUT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void settle() {
        List<Step> batch = new ArrayList<>();
        do {
            batch.clear();
            try {
                batch.add(waiting.take());
            } catch (InterruptedException e) {
                return; // nobody interrupts it but the JVM's end
            }
            waiting.drainTo(batch);
            settle(batch);
        } while (!batch.contains(last));
    }

    private void settle(List<Step> batch) {
        for (var step : batch) {
            for (var delivery : step.run()) {
                done.computeIfAbsent(delivery.subscription(), subscription -> new ArrayList<>())
                        .add(delivery.tag());
            }
        }
        done.forEach((subscription, tags) -> onBroker(subscription.queue(), () -> subscription.ack(tags)));
        done.clear();
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
