package dev.workerfarm.worker.delivery;

import dev.workerfarm.error.EncodeException;
import dev.workerfarm.error.PublishTimeoutException;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.task.PostponedMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Messages whose tasks run for long, each handed over from the delivery that it came by to a copy of it, and from that
 * to the next, before the broker's patience is over. A copy lies in a queue of this process, which gives it back to the
 * queue that it came from as soon as nobody holds it. First the copy is here, then what it stands for is acked; so
 * there is always one that a dead process leaves behind, and for a moment two.
 *
 * <p>Belongs to the {@link Settler}'s thread, which sends the acks that are returned here, in their order.
 */
public final class Handovers {
    private static final Logger LOG = LoggerFactory.getLogger(Handovers.class);

    /** A copy that is confirmed and still not here went back by itself: its time to live was over. */
    private static final Duration LOST_AFTER = PostponedMessage.COPY_TIME_TO_LIVE.multipliedBy(2);

    private static final class Holding {
        /** The delivery that its task was begun with, by which all others know it. */
        private final Delivery begun;
        /** The delivery that holds the message; null after its connection was lost. */
        private @Nullable Delivery present;
        /** The number of the copy that it is held by; 0: none yet. */
        private long number;
        /** The number of the copy that is on its way; 0: none. */
        private long expected;
        /** When that was confirmed, by System.nanoTime. */
        private @Nullable Long confirmedNanos;
        /** Its task has ended meanwhile: all is to be acked. */
        private boolean ended;

        Holding(Delivery begun) {
            this.begun = begun;
            this.present = begun;
        }
    }

    private final BiFunction<String, EncodedMessage, CompletableFuture<Void>> copies;
    private final Consumer<Delivery> unknownCopy;
    private final IdentityHashMap<Delivery, Holding> holdings = new IdentityHashMap<>();
    private long published;

    /**
     * @param copies publishes to a queue, mandatory; throws {@link PublishTimeoutException} rather than wait
     * @param unknownCopy takes a message in our queue that is no copy of ours: it is run like any other
     */
    public Handovers(
            BiFunction<String, EncodedMessage, CompletableFuture<Void>> copies, Consumer<Delivery> unknownCopy) {
        this.copies = copies;
        this.unknownCopy = unknownCopy;
    }

    /**
     * A delivery is old: publishes its copy to a queue of this process, unless that is under way; {@code confirmed} or {@code
     * refused} is told the copy's number on another thread. Returns, as all methods here, the deliveries that are to be acked.
     */
    List<Delivery> begin(
            Delivery delivery, String queue, Consumer<Long> confirmed, Consumer<Long> refused, long nowNanos) {
        var known = find(holding -> delivery.equals(holding.present));
        if (known != null && known.expected != 0) {
            var since = known.confirmedNanos;
            if (since == null || nowNanos - since < LOST_AFTER.toNanos()) {
                return List.of();
            }
            LOG.warn("the copy of a long task's message did not arrive, publishing another queue={}", delivery.queue());
            if (known.ended) {
                return cancel(known);
            }
            cancel(known);
        }
        var holding = known == null ? new Holding(delivery) : known;
        try {
            var number = published + 1;
            var copy = PostponedMessage.runningCopy(delivery.properties(), delivery.body(), number);
            var taken = copies.apply(queue, copy);
            published = number;
            holding.expected = number;
            holding.confirmedNanos = null;
            holdings.put(holding.begun, holding);
            taken.whenComplete((nothing, failure) -> (failure == null ? confirmed : refused).accept(number));
        } catch (EncodeException | PublishTimeoutException e) {
            LOG.warn(
                    "a long task's message cannot be handed over queue={} reason={}", delivery.queue(), e.getMessage());
        }
        return List.of();
    }

    /**
     * A delivery came back too often: publishes its message again to its queue, where the broker counts from 0. One of the
     * two runs, later: {@code confirmed} when the broker has the new message, {@code refused} where it will not have it.
     */
    List<Delivery> publishAgain(Delivery delivery, Runnable confirmed, Runnable refused) {
        try {
            var again = PostponedMessage.returned(delivery.properties(), delivery.body());
            copies.apply(delivery.queue(), again)
                    .whenComplete((nothing, failure) -> (failure == null ? confirmed : refused).run());
        } catch (EncodeException | PublishTimeoutException e) {
            LOG.debug("not published again queue={} reason={}", delivery.queue(), e.getMessage());
            refused.run();
        }
        return List.of();
    }

    /** The broker has a copy, which is about to arrive. */
    List<Delivery> confirmed(long number, long nowNanos) {
        var holding = find(each -> each.expected == number);
        if (holding != null) {
            holding.confirmedNanos = nowNanos;
        }
        return List.of();
    }

    /** The broker will not have a copy; the next look publishes another. */
    List<Delivery> refused(long number) {
        var holding = find(each -> each.expected == number);
        return holding == null ? List.of() : cancel(holding);
    }

    /** A delivery from our own queue: acks what it stands for from now on, and itself if nobody needs it. */
    List<Delivery> arrived(Delivery copy) {
        var number = PostponedMessage.copyNumber(copy.properties());
        if (number < 1 || number > published) {
            unknownCopy.accept(copy);
            return List.of();
        }
        var awaited = find(holding -> holding.expected == number);
        if (awaited != null) {
            var before = awaited.present;
            awaited.present = copy;
            awaited.number = number;
            awaited.expected = 0;
            List<Delivery> done = new ArrayList<>();
            if (awaited.ended) {
                holdings.remove(awaited.begun);
                done.add(copy);
            }
            if (before != null) {
                done.add(before);
            }
            LOG.debug("handed over queue={} copy={}", copy.queue(), number);
            return done;
        }
        var held = find(holding -> holding.number == number);
        if (held != null && held.present == null) {
            LOG.debug("taken up again after a lost connection queue={} copy={}", copy.queue(), number);
            held.present = copy;
            return List.of();
        }
        return List.of(copy); // published twice, or too late: what it stands for is settled, or held otherwise
    }

    /** A task has ended, and its outcome is where it belongs: what is to be acked in place of its delivery. */
    List<Delivery> settled(Delivery delivery) {
        var holding = holdings.get(delivery);
        if (holding == null) {
            return List.of(delivery);
        }
        if (holding.expected != 0) {
            holding.ended = true; // both when the copy is here, else it would come to somebody else
            return List.of();
        }
        holdings.remove(delivery);
        return holding.present == null ? List.of() : List.of(holding.present);
    }

    /** The connection is lost. The broker requeued an original that was unsettled; its copy is a duplicate: dropped. */
    List<Delivery> lost() {
        for (var holding : List.copyOf(holdings.values())) {
            holding.present = null;
            holding.expected = 0;
            if (holding.number == 0 || holding.ended) {
                holdings.remove(holding.begun);
            }
        }
        return List.of();
    }

    private List<Delivery> cancel(Holding holding) {
        holding.expected = 0;
        if (holding.ended || holding.number == 0) {
            holdings.remove(holding.begun);
        }
        var present = holding.present;
        return holding.ended && present != null ? List.of(present) : List.of();
    }

    private @Nullable Holding find(Predicate<Holding> fits) {
        return holdings.values().stream().filter(fits).findFirst().orElse(null);
    }
}
