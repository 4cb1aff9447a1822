package dev.workerfarm.worker.answer;

import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.worker.delivery.Delivery;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The messages about finished tasks that the broker has not taken yet: their deliveries stay unacked. Those that wait for a
 * second hold no place of the lane any more, up to a bound. A reply that the broker refuses for five minutes
 * is given up: it becomes a dead letter. While the broker is away or takes no messages at all, it waits. Threads may share it.
 */
public final class HeldOutcomes {
    private static final Logger LOG = LoggerFactory.getLogger(HeldOutcomes.class);
    private static final Duration LATE = Duration.ofSeconds(1);
    private static final Duration SAY_EVERY = Duration.ofMinutes(1);
    private static final Duration UNANSWERED = Duration.ofMinutes(5);
    private static final int MOST = 64;
    private static final long MOST_BYTES = 64L * 1024 * 1024;

    /** One message that waits for its confirm. */
    private static final class Held {
        private final Delivery delivery;
        private final Outbox.Sending sending;
        private final long bytes;
        private final boolean isReply;
        private final long sinceNanos = System.nanoTime();
        /** Used by the thread of {@link #look} alone. */
        private long refusedNanos;

        Held(Delivery delivery, Outbox.Sending sending, long bytes, boolean isReply) {
            this.delivery = delivery;
            this.sending = sending;
            this.bytes = bytes;
            this.isReply = isReply;
        }

        boolean isLate(long nowNanos) {
            return nowNanos - sinceNanos >= LATE.toNanos();
        }
    }

    private final Duration unanswered;
    private final UnaryOperator<@Nullable String> reasons;
    private final Set<Held> all = ConcurrentHashMap.newKeySet();
    private long lookedNanos = System.nanoTime();
    private long saidNanos = lookedNanos - SAY_EVERY.toNanos();

    /** @param reasons why a queue takes nothing, by its name; null: it is not known */
    public HeldOutcomes(UnaryOperator<@Nullable String> reasons) {
        this(reasons, UNANSWERED);
    }

    HeldOutcomes(UnaryOperator<@Nullable String> reasons, Duration unanswered) {
        this.reasons = reasons;
        this.unanswered = unanswered;
    }

    /** Knows of a message from now until it is confirmed or given up; the result is that. */
    Outbox.Sending track(Delivery delivery, Outbox.Sending sending, EncodedMessage message, boolean isReply) {
        if (!sending.isDone()) {
            var held = new Held(delivery, sending, message.body().length, isReply);
            all.add(held);
            sending.whenComplete((nothing, refused) -> all.remove(held));
        }
        return sending;
    }

    /** The deliveries that need no place in their lane: their outcomes wait for the broker. None at the bound. */
    public List<Delivery> aside() {
        return isAtBound()
                ? List.of()
                : late().stream().map(held -> held.delivery).toList();
    }

    /** Whether so much is held that no more may be taken. */
    public boolean isAtBound() {
        var late = late();
        return late.size() >= MOST
                || late.stream().mapToLong(held -> held.bytes).sum() >= MOST_BYTES;
    }

    public int count() {
        return late().size();
    }

    /** How many more messages may be held, at least 1; any number while none is. */
    public int room() {
        var count = count();
        return count == 0 ? Integer.MAX_VALUE : Math.max(1, MOST - count);
    }

    /** What is held, and why: one line; null if nothing is. */
    public @Nullable String summary() {
        Map<String, Long> byQueue = late().stream()
                .collect(Collectors.groupingBy(held -> held.sending.queue(), TreeMap::new, Collectors.counting()));
        return byQueue.isEmpty()
                ? null
                : byQueue.entrySet().stream()
                        .limit(10)
                        .map(entry -> entry.getValue() + " for " + entry.getKey() + why(entry.getKey()))
                        .collect(Collectors.joining("; "));
    }

    /** To be called every second or so: says what is held, and gives up replies that wait for too long. One thread at a time. */
    public void look(Outbox outbox) {
        var now = System.nanoTime();
        var passed = now - lookedNanos;
        lookedNanos = now;
        var late = late();
        for (var held : late) {
            if (held.isReply) {
                outbox.doubt(held.sending);
            }
            held.refusedNanos += reasons.apply(held.sending.queue()) == null ? 0 : passed;
            if (held.isReply && held.refusedNanos >= unanswered.toNanos()) {
                held.sending.giveUp(
                        "its queue took no message for " + unanswered.toSeconds() + " s" + why(held.sending.queue()));
            }
        }
        if (!late.isEmpty() && now - saidNanos >= SAY_EVERY.toNanos()) {
            saidNanos = now;
            var oldest =
                    late.stream().mapToLong(held -> now - held.sinceNanos).max().orElse(0);
            LOG.warn(
                    "the broker does not take what finished tasks have to say, held messages={} oldestMs={} what={}",
                    late.size(),
                    TimeUnit.NANOSECONDS.toMillis(oldest),
                    summary());
        }
    }

    private String why(String queue) {
        var reason = reasons.apply(queue);
        return reason == null ? "" : " (" + reason + ")";
    }

    private List<Held> late() {
        var now = System.nanoTime();
        return all.stream().filter(held -> held.isLate(now)).toList();
    }
}
