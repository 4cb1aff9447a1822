package dev.workerfarm.broker;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.workerfarm.loop.Backoff;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The messages for queues that take none at the moment: the broker has refused one by a nack, as the queue is full
 * ({@code reject-publish}) or a majority of its nodes is away, or has returned it, as its only node is down. One message
 * probes after 50 ms to 1 s; once it is taken, two may be on their way, then four. The others wait here in their order, and
 * messages for other queues pass. Threads may share it.
 */
final class FullQueues {
    private static final Logger LOG = LoggerFactory.getLogger(FullQueues.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    /** One target that takes nothing. */
    private static final class Full {
        private final PriorityQueue<PendingMessage> held =
                new PriorityQueue<>(Comparator.comparingLong(message -> message.number));
        private final Set<PendingMessage> probes = new HashSet<>();
        private final Backoff backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
        private int allowed = 1;
        private long nextNanos;
        /** Since when it takes nothing. */
        private long sinceNanos;

        boolean mayProbe(long nowNanos) {
            return !held.isEmpty() && probes.size() < allowed && nowNanos - nextNanos >= 0;
        }
    }

    @GuardedBy("this")
    private final Map<String, Full> targets = new HashMap<>();

    /** Whether there is none, without a lock: the usual case. */
    private volatile boolean empty = true;

    boolean isEmpty() {
        return empty;
    }

    /** The broker has refused a message. */
    synchronized void refused(PendingMessage message, long nowNanos) {
        var full = targets.get(message.target());
        if (full == null) {
            full = new Full();
            full.sinceNanos = nowNanos;
            targets.put(message.target(), full);
            empty = false;
            LOG.warn(
                    "the queue takes no message: it is full, or its node or a majority of its nodes is away; trying again {}",
                    message.target());
        }
        var probed = full.probes.remove(message);
        full.held.add(message);
        if (probed || full.probes.isEmpty()) {
            full.allowed = 1;
            full.nextNanos = nowNanos + full.backoff.next().toNanos();
        }
    }

    /** Takes a message that has to wait behind others for its queue; false: it may be published. */
    synchronized boolean takes(PendingMessage message) {
        var full = targets.get(message.target());
        if (full == null || full.probes.contains(message)) {
            return false;
        }
        full.held.add(message);
        return true;
    }

    /** A message was confirmed, or has failed. True if others may be published now. */
    synchronized boolean settled(PendingMessage message, boolean taken, long nowNanos) {
        var full = targets.get(message.target());
        if (full == null || !full.probes.remove(message)) {
            return false;
        }
        if (taken) {
            full.sinceNanos = nowNanos;
            full.backoff.reset();
            full.allowed = Math.min(full.allowed * 2, 1 << 16);
        }
        if (full.held.isEmpty() && full.probes.isEmpty()) {
            targets.remove(message.target());
            empty = targets.isEmpty();
            LOG.info(
                    "{} {}",
                    taken ? "the queue takes messages again" : "no message waits for the queue any more",
                    message.target());
        }
        return true;
    }

    /** The next message to be tried, or null: none at this time. */
    synchronized @Nullable PendingMessage next(long nowNanos) {
        for (var full : targets.values()) {
            if (full.mayProbe(nowNanos)) {
                var probe = full.held.remove();
                full.probes.add(probe);
                return probe;
            }
        }
        return null;
    }

    /** How long until {@link #next} may have one; a minute where that depends on a confirm. */
    synchronized long pauseNanos(long nowNanos) {
        return targets.values().stream()
                .filter(full -> !full.held.isEmpty() && full.probes.size() < full.allowed)
                .mapToLong(full -> Math.max(0, full.nextNanos - nowNanos))
                .min()
                .orElse(Duration.ofMinutes(1).toNanos());
    }

    /** Whether one of them takes nothing since before this time. */
    synchronized boolean refusesSince(long nanos) {
        return targets.values().stream().anyMatch(full -> full.sinceNanos - nanos < 0);
    }

    /** Whether messages for this queue wait here. */
    synchronized boolean holds(String queue) {
        return !empty && targets.containsKey("queue=" + queue);
    }

    /** Takes all out, at the end. */
    synchronized void drainTo(Collection<PendingMessage> others) {
        targets.values().forEach(full -> others.addAll(full.held));
        targets.clear();
        empty = true;
    }
}
