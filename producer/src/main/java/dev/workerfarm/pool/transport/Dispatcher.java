package dev.workerfarm.pool.transport;

import dev.workerfarm.config.Durations;
import dev.workerfarm.error.CallInterruptedException;
import dev.workerfarm.error.FarmException;
import dev.workerfarm.error.PoolFailedException;
import dev.workerfarm.error.PublishException;
import dev.workerfarm.error.PublishException.QueueFull;
import dev.workerfarm.error.PublishTimeoutException;
import dev.workerfarm.error.TaskCancelledException;
import dev.workerfarm.loop.Loop;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.control.ControlCodec;
import dev.workerfarm.wire.control.ControlMessage.Revoke;
import dev.workerfarm.wire.control.ControlMessage.Revoke.Running;
import dev.workerfarm.wire.task.ChunkPart;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes task messages and matches them with their replies by the task's id. The first final reply of an id counts,
 * others are dropped. If replies may be lost, what is unanswered is published again. Threads may
 * share it.
 */
public final class Dispatcher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
    private static final String PUBLISH_AGAIN = "workerfarm-publish-again";
    private static final Duration WAITING_SAID_EVERY = Duration.ofSeconds(30);
    private static final Duration FOR_EVER = Duration.ofDays(365);

    /** A patient message waits for a broker that takes no messages, however long. */
    private record Unanswered(
            String queue,
            Awaited awaited,
            @Nullable Instant due,
            boolean patient,
            long sinceNanos,
            AtomicBoolean taken) {
        Unanswered(String queue, Awaited awaited, @Nullable Instant due, boolean patient) {
            this(queue, awaited, due, patient, System.nanoTime(), new AtomicBoolean());
        }

        boolean fail(Throwable failure) {
            return awaited.done().completeExceptionally(failure);
        }
    }

    /** Hears of a loop that has ended by a fault; on any thread, and must return soon. */
    @FunctionalInterface
    public interface DeathListener {
        void died(String loop, Throwable fault);
    }

    private final Duration publishTimeout;
    private final DeathListener deaths;
    private final Map<String, Unanswered> unanswered = new ConcurrentHashMap<>();
    /** The confirms of messages that ask for no reply. */
    private final Map<Object, CompletableFuture<Void>> unconfirmed = new ConcurrentHashMap<>();

    /** Publishes what the transport's own threads may not: they would wait for themselves. */
    private final Executor again = Executors.newCachedThreadPool(task -> Loop.daemon(PUBLISH_AGAIN, task));

    private final UnansweredBytes kept = UnansweredBytes.ofQuarterHeap();
    private final Transport transport;
    private final WaitingReport waiting = new WaitingReport(WAITING_SAID_EVERY, this::oldest);
    private volatile boolean terminated;
    private volatile @Nullable PoolFailedException failure;

    /** Opens the transport. A call of one task waits {@code publishTimeout} for a broker that takes no messages. */
    public Dispatcher(Duration publishTimeout, Function<Transport.Listener, Transport> opener, DeathListener deaths) {
        this.publishTimeout = publishTimeout;
        this.deaths = deaths;
        this.transport = opener.apply(new Answers());
        waiting.start(transport);
    }

    public String replyQueue() {
        return transport.replyQueue();
    }

    public void declare(String queue) {
        transport.declare(queue);
    }

    /**
     * Publishes a task message under its id, not to be delivered before {@code due}. The outcome fails if the broker
     * returned or refused the message, or did not take it in time; {@link PublishTimeoutException} if it takes none.
     */
    public CompletableFuture<Outcome> dispatch(String id, String queue, EncodedMessage message, @Nullable Instant due) {
        var one = new Awaited.One(message, new CompletableFuture<>());
        dispatch(id, new Unanswered(queue, one, due, false), message);
        return one.done();
    }

    /** As {@link #dispatch}, for items of a map, whose other work would be lost: waits for the broker however long. */
    public void dispatchPatiently(
            String id, String queue, Awaited items, EncodedMessage message, @Nullable Instant due) {
        dispatch(id, new Unanswered(queue, items, due, true), message);
    }

    private void dispatch(String id, Unanswered pending, EncodedMessage message) {
        var taken = kept.take(message, pending.patient() ? FOR_EVER : publishTimeout);
        unanswered.put(id, pending);
        pending.awaited().done().whenComplete((done, failed) -> {
            unanswered.remove(id);
            kept.release(taken);
        });
        var failed = failure;
        if (failed != null || terminated) {
            pending.fail(failed != null ? failed : new TaskCancelledException(id));
            return;
        }
        try {
            pending.awaited().unanswered().forEach(part -> publish(pending, part));
        } catch (RuntimeException | Error e) {
            pending.fail(e);
            throw e;
        }
    }

    /** As {@link #dispatch}, of a message that asks for no reply: completes when the broker has confirmed it. */
    public CompletableFuture<Void> publishOnly(String queue, EncodedMessage message, @Nullable Instant due) {
        var confirmed = publishInTime(queue, message, due);
        var key = new Object();
        unconfirmed.put(key, confirmed);
        confirmed.whenComplete((done, failed) -> unconfirmed.remove(key));
        var failed = failure;
        if (failed != null) {
            confirmed.completeExceptionally(failed);
        }
        return confirmed;
    }

    private void publish(Unanswered pending, EncodedMessage message) {
        var confirmed = pending.patient()
                ? transport.publish(pending.queue(), message, pending.due(), FOR_EVER)
                : publishInTime(pending.queue(), message, pending.due());
        confirmed.whenComplete((nothing, failed) -> {
            if (failed instanceof PublishException refused) {
                var instead = pending.awaited().refused(message, refused);
                if (!instead.isEmpty()) { // on another thread: to publish may have to wait for this one
                    again(() -> publishAgain(pending, instead));
                }
            } else if (failed != null) {
                pending.fail(failed);
            } else {
                pending.taken().set(true);
            }
        });
    }

    private void again(Runnable publish) {
        again.execute(Loop.job(PUBLISH_AGAIN, publish, fault -> deaths.died(PUBLISH_AGAIN, fault)));
    }

    private void publishAgain(Unanswered pending, List<EncodedMessage> messages) {
        for (var message : messages) {
            var published = pending.awaited().done().isDone();
            while (!published) {
                published = true;
                try {
                    publish(pending, message);
                } catch (FarmException e) {
                    published = !isStrayInterrupt(e); // nobody stops this thread by an interrupt
                    if (published) {
                        pending.fail(e);
                    }
                }
            }
        }
    }

    /** Gives up what is not confirmed in time: a broker that blocks publishers says nothing, and may do so for days. */
    private CompletableFuture<Void> publishInTime(String queue, EncodedMessage message, @Nullable Instant due) {
        var timeout = Durations.nanos(publishTimeout);
        var since = System.nanoTime();
        var confirmed = transport.publish(queue, message, due, publishTimeout);
        var left = Math.max(0, timeout - (System.nanoTime() - since));
        var inTime = new CompletableFuture<Void>();
        confirmed.orTimeout(left, TimeUnit.NANOSECONDS).whenComplete((nothing, failed) -> {
            if (failed == null) {
                inTime.complete(null);
            } else if (failed instanceof TimeoutException) {
                inTime.completeExceptionally(notConfirmed(queue, TimeUnit.NANOSECONDS.toMillis(timeout)));
            } else {
                inTime.completeExceptionally(failed);
            }
        });
        return inTime;
    }

    private FarmException notConfirmed(String queue, long millis) {
        return transport.isFull(queue)
                ? new QueueFull("queue=" + queue + " took no message within " + millis
                        + " ms: it is full (max-length with reject-publish), or a majority of its nodes is away")
                : new PublishTimeoutException("the broker did not confirm the message within " + millis
                        + " ms: it is away or blocks publishers (memory or disk alarm); the task may still run; queue="
                        + queue);
    }

    /** How many messages the broker has not confirmed. */
    public int unconfirmed() {
        return transport.unconfirmed();
    }

    public boolean isConnected() {
        return transport.isConnected();
    }

    private WaitingReport.@Nullable Oldest oldest() {
        return unanswered.values().stream()
                .min(Comparator.comparingLong(Unanswered::sinceNanos))
                .map(call -> new WaitingReport.Oldest(
                        call.queue(), call.due(), call.taken().get(), call.sinceNanos(), unanswered.size()))
                .orElse(null);
    }

    public int consumers(String queue) {
        return transport.consumers(queue);
    }

    /** Cancels a task: its outcome is a {@link TaskCancelledException}, its id is revoked. False if it has ended. */
    public boolean cancel(String id) {
        var pending = unanswered.get(id);
        if (pending == null || pending.awaited().done().isDone()) {
            return false;
        }
        // First: the last call's end closes a pool that waits for it, and the connection with it.
        revoke(List.of(id));
        return pending.fail(new TaskCancelledException(id));
    }

    /** Asks all connected workers not to begin these tasks or maps. Does not wait for a broker that takes none. */
    public void revoke(List<String> ids) {
        try {
            transport
                    .broadcast(ControlCodec.encode(new Revoke(ids, Running.GOES_ON)))
                    .exceptionally(refused -> {
                        LOG.debug("not revoked reason={}", refused.getMessage());
                        return null;
                    });
        } catch (PublishTimeoutException | CallInterruptedException e) {
            LOG.debug("not revoked reason={}", e.getMessage());
        }
    }

    /** Cancels what is unanswered, and whatever is dispatched later. */
    public void terminate() {
        terminated = true;
        var ids = List.copyOf(unanswered.keySet());
        for (int from = 0; from < ids.size(); from += Revoke.MAX_IDS) {
            revoke(ids.subList(from, Math.min(ids.size(), from + Revoke.MAX_IDS)));
        }
        // After that, as in cancel.
        unanswered.forEach((id, pending) -> pending.fail(new TaskCancelledException(id)));
    }

    /** Fails what is unanswered or unconfirmed, and whatever is dispatched later. Revokes nothing: the transport may be dead. */
    public void fail(PoolFailedException failure) {
        this.failure = failure;
        unanswered.values().forEach(pending -> pending.fail(failure));
        unconfirmed.values().forEach(confirmed -> confirmed.completeExceptionally(failure));
    }

    /** True, clearing the flag, if a stray interrupt made it fail: a thread that is not being stopped tries again. */
    public static boolean isStrayInterrupt(FarmException failure) {
        return failure instanceof CallInterruptedException && Thread.interrupted();
    }

    /** Deletes the reply queue and closes. Nothing may be unanswered any more. */
    @Override
    public void close() {
        waiting.close();
        transport.close();
    }

    private final class Answers implements Transport.Listener {
        @Override
        public void answered(String id, Outcome outcome) {
            waiting.answered();
            var part = unanswered.containsKey(id) ? null : ChunkPart.of(id);
            var pending = unanswered.get(part == null ? id : part.root());
            if (pending != null) {
                pending.awaited().answered(id, outcome);
            }
        }

        /** Whoever waits for it would wait for ever. */
        @Override
        public void unreadable(String id, String why) {
            var failure = Failure.builtin("ValueError", "its result cannot be read here: " + why);
            answered(id, new Outcome.Failed(failure));
        }

        @Override
        public void lost() {
            LOG.warn("replies may be lost, publishing again what is unanswered count={}", unanswered.size());
            // On another thread: the broker may take no messages yet, and this thread has other duties.
            again(() -> unanswered
                    .values()
                    .forEach(pending -> publishAgain(pending, pending.awaited().unanswered())));
        }

        @Override
        public void died(String loop, Throwable fault) {
            deaths.died(loop, fault);
        }
    }
}
