package dev.workerfarm.dead;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.broker.ConfirmedPublisher;
import dev.workerfarm.broker.Dialect;
import dev.workerfarm.broker.PresentConnection;
import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.broker.SupervisedConnection.OpenConnection;
import dev.workerfarm.broker.Topology;
import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.error.BrokerUnreachableException;
import dev.workerfarm.error.EncodeException;
import dev.workerfarm.error.PublishException;
import dev.workerfarm.error.PublishTimeoutException;
import dev.workerfarm.error.ResultTimeoutException;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.letter.Letter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the dead letters, the oldest first, and leaves those where they are that shall stay. AMQP has no way to look at a
 * message without taking it, so each is got, held until all were seen, and given back: the queue is the same as before, in
 * the same order.
 *
 * <p>They are given back by name, a few at a time: a quorum queue puts back more than 32 at once, or what a closed channel
 * held, in any order (tried on RabbitMQ 3.10; in this way they keep their order there and on 4.0).
 *
 * <p>What giving back costs depends on the queue. A classic queue and Broker-J put it back in its place and count nothing. A
 * quorum queue counts each return, whether by reject, nack or a channel's end, and RabbitMQ 4 deletes a message at the 21st
 * (its documentation page "Quorum Queues", "Poison Message Handling"). It says the count in a header. So a letter that came
 * back {@value #MOST_RETURNS} times is not given back again: it is published anew to the end of the queue, confirmed, and
 * then acked, which starts its count anew; and so are all behind it, so that their order stays. That is one reading in
 * {@value #MOST_RETURNS} plus one, and on quorum queues alone; where a reader dies within it, one letter may lie there twice.
 * Copying at every reading would write all letters each time, and might double them.
 *
 * <p>Two readers at a time would each see what the other does not hold. So a reader holds an exclusive queue, which is gone
 * with its connection, and a second one waits; Broker-J, which lets it be declared again, has none of that. One thread at a
 * time.
 */
public final class DeadLetters implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

    /** Less than any sensible limit: with RabbitMQ 4's default, 20, a reader may die a dozen times besides. */
    private static final int MOST_RETURNS = 4;

    private static final int WINDOW = 256;
    private static final long WINDOW_BYTES = 32L * 1024 * 1024;
    private static final Duration COPY_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);
    /** RabbitMQ's client of a quorum queue joins more than 32 commands that wait for answers, and then in no order. */
    private static final int RETURNS_AT_ONCE = 16;

    private static final Duration GIVEN_BACK_TIMEOUT = Duration.ofSeconds(2);
    private static final int RESOURCE_LOCKED = 405;

    private final BrokerAddress broker;
    private final QueueNames names;
    private final Duration timeout;
    private final PresentConnection connection;
    private @Nullable ConfirmedPublisher publisher;

    private DeadLetters(BrokerAddress broker, QueueNames names, Duration timeout) {
        this.broker = broker;
        this.names = names;
        this.timeout = timeout;
        this.connection = new PresentConnection(broker, "dead letters");
    }

    /**
     * Connects.
     *
     * @param timeout how long to wait for another reader to end, and for the broker to take a message
     * @throws BrokerUnreachableException if the broker is not there
     */
    public static DeadLetters connect(BrokerAddress broker, QueueNames names, Duration timeout) {
        return new DeadLetters(broker, names, timeout);
    }

    /** A letter whose message is on its way, by its delivery tag. */
    private record Leaving(long tag, Fate.Leaves fate, CompletableFuture<Void> confirmed) {}

    /**
     * Reads every letter that is there now.
     *
     * @param fate says for each what becomes of it; what it throws ends the reading, and what was not settled stays
     * @throws BrokerUnreachableException if the broker refuses us, saying why, or the connection is lost: what is not
     *     settled then stays
     * @throws ResultTimeoutException if another reader does not end
     * @throws PublishTimeoutException if the broker takes no messages
     */
    public void read(Function<Letter, Fate> fate) throws InterruptedException {
        var current = connection.get();
        try {
            awaitTurn(current);
            var channel = current.openProbe();
            var reading = new Reading(channel);
            try {
                var queue = PresentConnection.find(current, names.dead());
                reading.run(queue == null ? 0 : queue.getMessageCount(), fate); // null: no task has ever died here
            } finally {
                reading.giveBack(current);
            }
        } catch (IOException | TimeoutException | ShutdownSignalException e) {
            throw PresentConnection.unreachable(
                    e,
                    "the connection to the broker was lost; letters that were not settled stay",
                    "to read " + names.dead() + " besides what a producer may");
        }
    }

    /** One pass over the queue. */
    private final class Reading {
        private final Channel channel;
        private final Set<Long> staying = new LinkedHashSet<>();
        private final Deque<Leaving> leaving = new ArrayDeque<>();
        private long leavingBytes;
        private boolean copying;

        Reading(Channel channel) {
            this.channel = channel;
        }

        void run(long count, Function<Letter, Fate> fate) throws IOException, InterruptedException {
            for (long i = 0; i < count; i++) {
                var got = channel.basicGet(names.dead(), false);
                if (got == null) {
                    break;
                }
                var tag = got.getEnvelope().getDeliveryTag();
                staying.add(tag); // until it is settled, whatever happens
                var decided = fate.apply(Letter.decode(got.getProps(), got.getBody()));
                if (decided instanceof Fate.Goes) {
                    ack(tag);
                } else if (decided instanceof Fate.Leaves leaves) {
                    send(tag, leaves);
                } else if (copying || returns(got) >= MOST_RETURNS) {
                    copying = true;
                    copy(tag, got);
                }
            }
            while (!leaving.isEmpty()) {
                awaitOldest();
            }
        }

        /** Everything that is not settled goes back to its place, a few at a time, see {@link #RETURNS_AT_ONCE}. */
        void giveBack(OpenConnection current) throws IOException, TimeoutException, InterruptedException {
            var waits = !staying.isEmpty() && current.dialect() == Dialect.RABBITMQ;
            var counter = current.openProbe();
            var ready = waits ? counter.messageCount(names.dead()) : 0;
            var given = 0;
            for (var tag : staying) {
                channel.basicNack(tag, false, true);
                given++;
                if (waits && (given % RETURNS_AT_ONCE == 0 || given == staying.size())) {
                    waits = awaitReady(counter, ready + given);
                }
            }
            counter.abort();
            channel.close(); // answers when all before is done
        }

        /** False if another takes letters away, and so there is nothing to wait for. */
        private boolean awaitReady(Channel counter, long expected) throws IOException, InterruptedException {
            var deadline = System.nanoTime() + GIVEN_BACK_TIMEOUT.toNanos();
            while (counter.messageCount(names.dead()) < expected) {
                if (System.nanoTime() - deadline > 0) {
                    return false;
                }
                TimeUnit.MILLISECONDS.sleep(1);
            }
            return true;
        }

        private void ack(long tag) throws IOException {
            channel.basicAck(tag, false);
            staying.remove(tag);
        }

        private void send(long tag, Fate.Leaves leaves) throws IOException, InterruptedException {
            var confirmed = publisher().publish(leaves.queue(), leaves.message(), true, timeout);
            leaving.add(new Leaving(tag, leaves, confirmed));
            leavingBytes += leaves.message().body().length;
            while (leaving.size() == WINDOW || leavingBytes > WINDOW_BYTES) {
                awaitOldest();
            }
        }

        private void awaitOldest() throws IOException, InterruptedException {
            var oldest = leaving.remove();
            leavingBytes -= oldest.fate().message().body().length;
            try {
                oldest.confirmed().get(timeout.toNanos(), TimeUnit.NANOSECONDS);
                ack(oldest.tag());
                oldest.fate().confirmed().run();
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof PublishException refused)) {
                    throw new IllegalStateException(e.getCause());
                }
                oldest.fate().refused().accept(refused);
            } catch (TimeoutException e) {
                throw new PublishTimeoutException(
                        "the broker has not confirmed a message within " + timeout.toMillis()
                                + " ms; its letter stays, and it may have been published",
                        e);
            }
        }

        /** Where the broker does not take the copy, the letter is given back after all: some returns more are left. */
        private void copy(long tag, GetResponse got) throws IOException, InterruptedException {
            try {
                publisher()
                        .publish(names.dead(), asItWas(got), true, COPY_TIMEOUT)
                        .get(COPY_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
                ack(tag);
            } catch (ExecutionException | TimeoutException | PublishTimeoutException | EncodeException e) {
                LOG.debug("not copied, given back", e);
            }
        }
    }

    /** The letter without what the queue has added. */
    private static EncodedMessage asItWas(GetResponse got) {
        Map<String, Object> headers = new HashMap<>(headers(got));
        headers.remove("x-delivery-count");
        headers.remove("x-acquired-count");
        return new EncodedMessage(
                got.getProps().builder().headers(headers).userId(null).build(), got.getBody());
    }

    private static long returns(GetResponse got) {
        return headers(got).get("x-delivery-count") instanceof Number count ? count.longValue() : 0;
    }

    private static Map<String, Object> headers(GetResponse got) {
        var headers = got.getProps().getHeaders();
        return headers == null ? Map.of() : headers;
    }

    private ConfirmedPublisher publisher() {
        if (publisher == null) {
            var topology = new Topology(names, List.of());
            // After a fault of its thread what is published fails, and says why.
            publisher = new ConfirmedPublisher(broker, "dead letters publishing", topology, WINDOW, fault -> {});
        }
        return publisher;
    }

    /** Waits until the exclusive queue is ours, which then is so until the connection closes. */
    private void awaitTurn(OpenConnection current) throws IOException, InterruptedException, TimeoutException {
        var deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
            var channel = current.openProbe();
            try {
                channel.queueDeclare(names.control("dead-letters"), false, true, true, Map.of());
                channel.close();
                return;
            } catch (IOException e) {
                if (!PresentConnection.isRefused(e, RESOURCE_LOCKED)) {
                    throw e;
                }
                if (System.nanoTime() - deadline > 0) {
                    var waited = ", and has not ended within " + timeout.toMillis() + " ms";
                    throw new ResultTimeoutException("another command is at work on " + names.dead() + waited, e);
                }
                TimeUnit.NANOSECONDS.sleep(LOOK_AGAIN.toNanos());
            }
        }
    }

    @Override
    public void close() {
        if (publisher != null) {
            publisher.close();
        }
        connection.close();
    }
}
