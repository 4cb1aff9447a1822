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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place that settles deliveries. Its single thread does so, in batches as they come: everybody else only says
 * what is to be done. A delivery of a connection that is gone needs no settling; the broker has it back.
 */
final class Settler {
    private static final Logger LOG = LoggerFactory.getLogger(Settler.class);

    private static final Duration FINISH_TIMEOUT = Duration.ofSeconds(1);

    /** What is to be done with a delivery; null: nothing more comes. */
    private record Settlement(@Nullable Delivery delivery, boolean done) {}

    private final BlockingQueue<Settlement> waiting = new LinkedBlockingQueue<>();
    private final Thread thread = new Thread(this::settle, "workerfarm-settler");

    Settler() {
        thread.setDaemon(true);
        thread.start();
    }

    /** The outcome is where it belongs: the message may go. */
    void ack(Delivery delivery) {
        waiting.add(new Settlement(delivery, true));
    }

    /** It was not begun here: another worker shall have it. */
    void giveBack(Delivery delivery) {
        waiting.add(new Settlement(delivery, false));
    }

    /** Settles what was asked for before, then ends. Harmless when repeated. */
    void finish() {
        waiting.add(new Settlement(null, true));
        try {
            thread.join(FINISH_TIMEOUT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void settle() {
        List<Settlement> batch = new ArrayList<>();
        do {
            batch.clear();
            try {
                batch.add(waiting.take());
            } catch (InterruptedException e) {
                return; // nobody interrupts it but the JVM's end
            }
            waiting.drainTo(batch);
        } while (settle(batch));
    }

    /** False if the last was in the batch. */
    private static boolean settle(List<Settlement> batch) {
        var goesOn = true;
        Map<Subscription, List<Long>> done = new LinkedHashMap<>();
        for (var settlement : batch) {
            var delivery = settlement.delivery();
            if (delivery == null) {
                goesOn = false;
            } else if (settlement.done()) {
                done.computeIfAbsent(delivery.subscription(), subscription -> new ArrayList<>())
                        .add(delivery.tag());
            } else {
                onBroker(delivery.queue(), () -> delivery.subscription().giveBack(delivery.tag()));
            }
        }
        done.forEach((subscription, tags) -> onBroker(subscription.queue(), () -> subscription.ack(tags)));
        return goesOn;
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
