package dev.workerfarm.pool.transport;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.workerfarm.error.CallInterruptedException;
import dev.workerfarm.error.PublishException;
import dev.workerfarm.error.PublishException.MessageRefused;
import dev.workerfarm.error.PublishTimeoutException;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.ResultCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A broker in this JVM, for tests without a server; {@link TransportContract} holds it to what a server does. One thread of
 * its own confirms and delivers. Threads may share it.
 */
public final class InMemoryBroker
        implements Function<Transport.Listener, Transport>, TransportContract.Broker, AutoCloseable {
    private final ScheduledExecutorService thread = new ScheduledThreadPoolExecutor(1, task -> {
        var made = new Thread(task, "in-memory-broker");
        made.setDaemon(true);
        return made;
    });

    @GuardedBy("this")
    private final Map<String, Queue> queues = new HashMap<>();

    /** Messages that were not confirmed yet, and replies that were not delivered. */
    @GuardedBy("this")
    private final Deque<Runnable> held = new ArrayDeque<>();

    @GuardedBy("this")
    private boolean frozen;

    private final List<EncodedMessage> broadcasts = new CopyOnWriteArrayList<>();
    private volatile @Nullable Throwable publishFault;
    private volatile Runnable beforeReply = () -> {};
    private volatile int maxMessageBytes = Integer.MAX_VALUE;
    /** Held by whoever wants publishing to wait for a place in the window, which looks full. */
    private final Semaphore places = new Semaphore(Integer.MAX_VALUE);

    private final AtomicInteger opened = new AtomicInteger();

    /** A queue and its consumer, if it has one. */
    private static final class Queue {
        private final Deque<EncodedMessage> messages = new ArrayDeque<>();
        private @Nullable Consumer<EncodedMessage> consumer;
    }

    @Override
    public Transport apply(Transport.Listener listener) {
        opened.incrementAndGet();
        return new InMemoryTransport(listener);
    }

    /** Transports that are open. */
    public int opened() {
        return opened.get();
    }

    /** The control messages so far. */
    public List<EncodedMessage> broadcasts() {
        return broadcasts;
    }

    /** From now on publishing throws this; null: it does not. */
    public void failPublishing(@Nullable Throwable fault) {
        publishFault = fault;
    }

    /** From now on it refuses larger bodies, each for itself. */
    public void limitMessages(int maxBytes) {
        maxMessageBytes = maxBytes;
    }

    /** From now on publishing finds the window full; or it does not any more. */
    public void delayPublishing(boolean full) {
        if (full) {
            places.drainPermits();
        } else {
            places.release(Integer.MAX_VALUE);
        }
    }

    /** From now on each reply has this run on the thread that hands it on. */
    public void beforeReply(Runnable action) {
        beforeReply = action;
    }

    /** Consumes a queue, which is declared if it is not there. */
    void consume(String queue, Consumer<EncodedMessage> consumer) {
        synchronized (this) {
            queues.computeIfAbsent(queue, name -> new Queue()).consumer = consumer;
        }
        onThread(() -> deliver(queue));
    }

    @Override
    public void consume(String queue) {
        consume(queue, message -> {});
    }

    @Override
    public synchronized void declare(String queue) {
        queues.putIfAbsent(queue, new Queue());
    }

    @Override
    public void delete(String queue) {
        @Nullable Queue gone;
        synchronized (this) {
            gone = queues.remove(queue);
        }
        if (gone != null && gone.consumer instanceof Receiver receiver) {
            onThread(receiver::redeclare);
        }
    }

    @Override
    public synchronized boolean exists(String queue) {
        return queues.containsKey(queue);
    }

    @Override
    public synchronized List<String> take(String queue) {
        List<String> ids = new ArrayList<>();
        var messages = queue(queue).messages;
        messages.forEach(message -> ids.add(message.properties().getCorrelationId()));
        messages.clear();
        return ids;
    }

    @GuardedBy("this")
    private Queue queue(String name) {
        var queue = queues.get(name);
        if (queue == null) {
            throw new IllegalStateException("no queue " + name);
        }
        return queue;
    }

    @Override
    public void publish(String queue, EncodedMessage message) {
        onThread(() -> put(queue, message));
    }

    @Override
    public synchronized void freeze() {
        frozen = true;
    }

    @Override
    public void thaw() {
        synchronized (this) {
            frozen = false;
        }
        thread.execute(this::work);
    }

    @Override
    public void closeConnections() {
        // What is held was not confirmed: it is taken on the next connection.
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    private void onThread(Runnable work) {
        synchronized (this) {
            held.add(work);
        }
        thread.execute(this::work);
    }

    private void work() {
        while (true) {
            @Nullable Runnable next;
            synchronized (this) {
                next = frozen ? null : held.poll();
            }
            if (next == null) {
                return;
            }
            next.run();
            Thread.interrupted(); // a stray one
        }
    }

    /** False if there is no such queue. */
    private boolean put(String name, EncodedMessage message) {
        synchronized (this) {
            var queue = queues.get(name);
            if (queue == null) {
                return false;
            }
            queue.messages.add(message);
        }
        deliver(name);
        return true;
    }

    private void deliver(String name) {
        while (true) {
            @Nullable Consumer<EncodedMessage> consumer;
            @Nullable EncodedMessage message;
            synchronized (this) {
                var queue = queues.get(name);
                consumer = queue == null ? null : queue.consumer;
                message = consumer == null || queue == null ? null : queue.messages.poll();
            }
            if (consumer == null || message == null) {
                return;
            }
            consumer.accept(message);
        }
    }

    /** Hands on what comes to a reply queue. */
    private final class Receiver implements Consumer<EncodedMessage> {
        private final String queue;
        private final Transport.Listener listener;

        Receiver(String queue, Transport.Listener listener) {
            this.queue = queue;
            this.listener = listener;
        }

        @Override
        public void accept(EncodedMessage message) {
            try {
                beforeReply.run();
                var result = ResultCodec.decode(message.properties(), message.body());
                if (result.outcome() != null) {
                    listener.answered(result.taskId(), result.outcome());
                }
            } catch (DecodeException e) {
                // dropped
            } catch (Throwable fault) {
                listener.died("in-memory-replies", fault);
            }
        }

        void redeclare() {
            consume(queue, this);
            listener.lost();
        }
    }

    private final class InMemoryTransport implements Transport {
        private final String replies = "replies-" + UUID.randomUUID();
        private final Semaphore window = new Semaphore(WINDOW);
        private final List<CompletableFuture<Void>> unconfirmed = new CopyOnWriteArrayList<>();
        private boolean closed;

        InMemoryTransport(Listener listener) {
            consume(replies, new Receiver(replies, listener));
        }

        @Override
        public String replyQueue() {
            return replies;
        }

        @Override
        public void declare(String queue) {
            InMemoryBroker.this.declare(queue);
        }

        @Override
        public CompletableFuture<Void> publish(
                String queue, EncodedMessage message, @Nullable Instant due, Duration timeout) {
            var fault = publishFault;
            if (fault instanceof Error error) {
                throw error;
            } else if (fault instanceof RuntimeException unchecked) {
                throw unchecked;
            }
            return confirmed(timeout, confirmed -> {
                var size = message.body().length;
                if (size > maxMessageBytes) {
                    confirmed.completeExceptionally(
                            new MessageRefused("size " + size + " is larger than " + maxMessageBytes));
                } else if (due != null && exists(queue)) {
                    var wait = Duration.between(Instant.now(), due).toMillis();
                    thread.schedule(() -> put(queue, message), Math.max(0, wait), TimeUnit.MILLISECONDS);
                } else if (!put(queue, message)) {
                    confirmed.completeExceptionally(new PublishException("the broker returned it: no queue " + queue));
                }
            });
        }

        @Override
        public CompletableFuture<Void> broadcast(EncodedMessage message) {
            return confirmed(Duration.ZERO, confirmed -> broadcasts.add(message));
        }

        private static boolean acquire(Semaphore permits, Duration timeout) throws InterruptedException {
            return timeout.isZero()
                    ? permits.tryAcquire()
                    : permits.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS);
        }

        private CompletableFuture<Void> confirmed(Duration timeout, Consumer<CompletableFuture<Void>> taken) {
            try {
                if (!acquire(places, timeout) || !acquire(window, timeout)) {
                    throw new PublishTimeoutException("the broker took no message: it is away or blocks publishers");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CallInterruptedException("interrupted before the broker took the message", e);
            }
            var confirmed = new CompletableFuture<Void>();
            unconfirmed.add(confirmed);
            onThread(() -> {
                if (!confirmed.isDone()) { // or its caller has given it up
                    taken.accept(confirmed);
                }
                window.release();
                confirmed.complete(null);
                unconfirmed.removeIf(CompletableFuture::isDone);
            });
            return confirmed;
        }

        @Override
        public int unconfirmed() {
            return 0;
        }

        @Override
        public boolean isConnected() {
            return true;
        }

        @Override
        public @Nullable String trouble(String queue, boolean taken) {
            return taken ? null : "not taken";
        }

        @Override
        public boolean isFull(String queue) {
            return false;
        }

        @Override
        public int consumers(String queue) {
            synchronized (InMemoryBroker.this) {
                var there = queues.get(queue);
                return there == null || there.consumer == null ? 0 : 1;
            }
        }

        @Override
        public void close() {
            synchronized (InMemoryBroker.this) {
                queues.remove(replies);
                if (!closed) {
                    closed = true;
                    opened.decrementAndGet();
                }
            }
            unconfirmed.forEach(confirmed ->
                    confirmed.completeExceptionally(new PublishException("closed before the broker confirmed it")));
        }
    }
}
