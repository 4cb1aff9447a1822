package dev.workerfarm.worker.answer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.broker.ConfirmedPublisher;
import dev.workerfarm.broker.Dialect;
import dev.workerfarm.broker.PresentConnection;
import dev.workerfarm.broker.SupervisedConnection.OpenConnection;
import dev.workerfarm.broker.Topology;
import dev.workerfarm.error.CallInterruptedException;
import dev.workerfarm.error.PublishTimeoutException;
import dev.workerfarm.wire.Body;
import dev.workerfarm.wire.task.PostponedMessage;
import dev.workerfarm.worker.process.JobThread;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands retries that are due on to their task queues. Each comes to a queue without a limit first ({@link
 * Topology#declareDue}) and waits there while its task queue is full. Where such a queue cannot be consumed, as the user may not or no
 * channel is left, retries come to the task queue directly. Threads may share it.
 */
public final class DueRetries implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DueRetries.class);
    private static final Duration FOR_EVER = Duration.ofDays(365);
    private static final Duration AGAIN = Duration.ofSeconds(5);
    private static final int MOST_HELD = 32;
    /** How many retries a process holds of each queue: as many of the largest bodies as fit into an eighth of the heap. */
    private static final int PREFETCH =
            (int) Math.max(1, Math.min(MOST_HELD, Runtime.getRuntime().maxMemory() / 8 / Body.MOST_PASSED_BYTES));

    private final List<String> queues;
    private final ConfirmedPublisher publisher;
    /** Publishes: that may wait for the broker, and amqp-client's thread must not. */
    private final JobThread thread = new JobThread("workerfarm-due");

    private final Map<Object, CompletableFuture<Void>> onTheirWay = new ConcurrentHashMap<>();
    /** The queues that are consumed, each by its consumer's tag. */
    private volatile Map<String, String> consumed = Map.of();

    @GuardedBy("this")
    private @Nullable OpenConnection connection;

    @GuardedBy("this")
    private @Nullable Channel channel;

    @GuardedBy("this")
    private boolean refused;

    /** @param queues the task queues that this lane consumes */
    public DueRetries(List<String> queues, ConfirmedPublisher publisher) {
        this.queues = queues;
        this.publisher = publisher;
    }

    /** The queue that a retry for a task queue is to come to. */
    public String landing(String queue) {
        var due = Topology.due(queue);
        return due != null && consumed.containsValue(due) ? due : queue;
    }

    /** Declares and consumes on a new connection. */
    public synchronized void opened(OpenConnection opened) {
        lost();
        if (opened.dialect() == Dialect.RABBITMQ && opened.channelMax() >= 3 + 3 * queues.size()) {
            connection = opened;
            consume(opened);
        } // Broker-J keeps a message in its task queue; few channels are for the tasks
    }

    private synchronized void consume(OpenConnection current) {
        if (current != connection) {
            return;
        }
        Channel opened = null;
        try {
            opened = current.openProbe();
            opened.basicQos(PREFETCH);
            Map<String, String> tags = new HashMap<>();
            for (var queue : queues) {
                var due = Topology.declareDue(opened, queue);
                if (due != null) {
                    tags.put(consume(opened, queue, due, current), due);
                }
            }
            channel = current.watched(opened);
            consumed = tags;
            if (refused) {
                refused = false;
                LOG.info("retries that are due are handed on again queues={}", queues);
            }
        } catch (IOException | ShutdownSignalException e) {
            notConsumed(current, opened, e);
        }
    }

    private String consume(Channel opened, String queue, String due, OpenConnection current) throws IOException {
        return opened.basicConsume(
                due,
                false,
                (tag, retry) -> thread.once(Duration.ZERO, "due retry", () -> handOn(opened, queue, due, retry)),
                tag -> current.reopen());
    }

    /** Others may have retries there: they wait until a worker may consume them. */
    @GuardedBy("this")
    private void notConsumed(OpenConnection current, @Nullable Channel opened, Exception e) {
        if (!refused && PresentConnection.isRefused(e)) {
            refused = true;
            var format = "retries that are due are not handed on, and new ones come to their task queues directly;"
                    + " tried again queues={} everySeconds={} reason={}";
            LOG.warn(format, queues, AGAIN.toSeconds(), PresentConnection.reason(e));
        }
        try {
            if (opened != null) {
                opened.abort();
            }
        } catch (IOException | ShutdownSignalException closed) {
            LOG.debug("the channel is already closed reason={}", closed.toString());
        }
        thread.once(AGAIN, "consume due retries", () -> consume(current));
    }

    /** The connection is lost: what was not acked comes again. */
    public synchronized void lost() {
        connection = null;
        consumed = Map.of();
        channel = null;
        onTheirWay.values().forEach(each -> each.cancel(false));
    }

    /** Takes no more. What was taken goes on until {@link #close}. */
    public synchronized void stop() {
        connection = null;
        var open = channel;
        var tags = consumed.keySet();
        consumed = Map.of();
        try {
            for (var tag : tags) {
                if (open != null) {
                    open.basicCancel(tag);
                }
            }
        } catch (IOException | ShutdownSignalException e) {
            LOG.debug("already gone reason={}", e.toString());
        }
    }

    private void handOn(Channel from, String queue, String due, Delivery retry) {
        if (!from.isOpen()) {
            return;
        }
        var properties = retry.getProperties();
        var tag = retry.getEnvelope().getDeliveryTag();
        var mayBeThere = retry.getEnvelope().isRedeliver() || PostponedMessage.isPublishedAgain(properties);
        var message = PostponedMessage.due(properties, retry.getBody(), mayBeThere);
        try {
            var sent = publisher.publish(
                    PostponedMessage.isReturnedOften(properties) ? due : queue, message, true, FOR_EVER);
            var key = new Object();
            onTheirWay.put(key, sent);
            if (!from.isOpen()) { // lost meanwhile: it comes again
                sent.cancel(false);
            }
            sent.whenComplete((nothing, failure) -> {
                onTheirWay.remove(key);
                if (failure == null) {
                    settle(from, tag, true);
                } else if (!sent.isCancelled()) { // such as a task queue that is gone: it is declared again
                    LOG.warn("a retry is due and not taken, tried again queue={} reason={}", queue, failure.toString());
                    // Not returned: RabbitMQ 4 deletes what is returned too often.
                    thread.once(AGAIN, "due retry again", () -> handOn(from, queue, due, retry));
                }
            });
        } catch (PublishTimeoutException | CallInterruptedException e) { // a stray interrupt: nothing was published
            settle(from, tag, false);
        }
    }

    private static void settle(Channel from, long tag, boolean isThere) {
        try {
            if (isThere) {
                from.basicAck(tag, false);
            } else {
                from.basicNack(tag, false, true);
            }
        } catch (IOException | ShutdownSignalException e) {
            LOG.debug("the connection is gone, the retry comes again reason={}", e.toString());
        }
    }

    @Override
    public void close() {
        thread.close();
        lost();
    }
}
