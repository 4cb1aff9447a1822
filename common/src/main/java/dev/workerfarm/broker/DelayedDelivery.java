package dev.workerfarm.broker;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import dev.workerfarm.wire.EncodedMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Has the broker keep a message until its time comes. Belongs to one connection and to the thread that publishes on it.
 *
 * <p>On RabbitMQ this is the delayed delivery of Celery 5.5, by its names and with its arguments (kombu,
 * {@code native_delayed_delivery.py}). A wait of n seconds is written in 28 binary digits in front of the routing key.
 * Each digit has a topic exchange, and a quorum queue that keeps a message for as many seconds as the digit stands for
 * and dead-letters it, at least once, to the next lower digit's exchange; a digit 0 goes there at once. The last one is
 * bound to the target queue. Broker-J keeps it in its queue until the time in a header ("Hold on publish").
 */
final class DelayedDelivery {
    private static final int DIGITS = 28;
    private static final long LONGEST_SECONDS = (1L << DIGITS) - 1; // eight and a half years
    private static final String DELIVERY = "celery_delayed_delivery";
    private static final String DUE = "celery_delayed_due.";
    private static final String NOT_BEFORE = "x-qpid-not-valid-before";
    private static final int MAX_KEY_BYTES = 255;

    record Route(String exchange, String key, EncodedMessage message) {}

    private final SupervisedConnection.OpenConnection connection;
    private final Clock clock;
    private final Set<String> bound = new HashSet<>();

    DelayedDelivery(SupervisedConnection.OpenConnection connection, Clock clock) {
        this.connection = connection;
        this.clock = clock;
    }

    /** The way of a message that is due for a queue at some time (null: at once); declares what it needs. */
    Route route(String queue, EncodedMessage message, @Nullable Instant due) throws IOException {
        var now = clock.instant();
        if (due == null || !due.isAfter(now)) {
            return new Route("", queue, message);
        }
        if (connection.dialect() == Dialect.BROKER_J) {
            var latest = now.plusSeconds(LONGEST_SECONDS);
            var millis = (due.isAfter(latest) ? latest : due).plusNanos(999_999).toEpochMilli();
            return new Route("", queue, message.withHeaders(Map.of(NOT_BEFORE, millis)));
        }
        prepare(queue);
        var seconds = secondsUp(Duration.between(clock.instant(), due)); // now, as the first declaration takes its time
        return new Route(exchange(DIGITS - 1), key(seconds, queue), message);
    }

    /** Whether messages for a queue of that name can be delayed: it fits a routing key, and is no pattern. */
    static boolean fits(String queue) {
        return key(0, queue).getBytes(StandardCharsets.UTF_8).length <= MAX_KEY_BYTES
                && Arrays.stream(queue.split("\\.", -1)).noneMatch(word -> word.equals("#") || word.equals("*"));
    }

    /** Binds a queue that is new, where delays are in use and the user may: it gets what waits for its predecessor. */
    static void bindAgain(Channel channel, Dialect dialect, String queue) throws IOException {
        if (dialect == Dialect.RABBITMQ && fits(queue)) {
            Topology.answers(channel, probe -> {
                probe.exchangeDeclarePassive(DELIVERY);
                bind(probe, queue);
            });
        }
    }

    static String key(long seconds, String queue) {
        var digits = Long.toBinaryString(seconds | 1L << DIGITS).substring(1); // all of them, zeros in front too
        return digits.replaceAll("(.)", "$1.") + queue;
    }

    /** Whole seconds that are not shorter, 0 for what is over. A wait beyond the longest is taken in several. */
    static long secondsUp(Duration wait) {
        if (wait.isNegative()) {
            return 0;
        }
        var whole = Math.min(LONGEST_SECONDS, wait.getSeconds());
        return Math.min(LONGEST_SECONDS, whole + (wait.getNano() > 0 ? 1 : 0));
    }

    private void prepare(String queue) throws IOException {
        if (bound.contains(queue)) {
            return;
        }
        var channel = connection.openProbe(); // what the broker refuses closes this one, and not the publishing one
        try {
            if (bound.isEmpty()) {
                declare(channel);
            }
            if (queue.startsWith(DUE)) {
                Topology.declare(channel, Dialect.RABBITMQ, queue);
            }
            bind(channel, queue);
            bound.add(queue);
        } finally {
            channel.abort();
        }
    }

    private static void declare(Channel channel) throws IOException {
        channel.exchangeDeclare(DELIVERY, BuiltinExchangeType.TOPIC, true);
        var complete = Topology.answers(channel, probe -> {
            for (int digit = 0; digit < DIGITS; digit++) {
                probe.queueDeclarePassive(exchange(digit));
            }
        });
        for (int digit = 0; digit < DIGITS; digit++) {
            var name = exchange(digit);
            var next = digit == 0 ? DELIVERY : exchange(digit - 1);
            channel.exchangeDeclare(name, BuiltinExchangeType.TOPIC, true);
            if (!complete && !Topology.exists(channel, name)) { // a Celery client's may be a classic queue
                var arguments = Topology.passingOn(Duration.ofSeconds(1L << digit), next);
                channel.queueDeclare(name, true, false, false, arguments);
            }
            var before = "*.".repeat(DIGITS - 1 - digit);
            channel.queueBind(name, name, before + "1.#");
            channel.exchangeBind(next, name, before + "0.#");
        }
    }

    /** Celery binds by {@code #.<queue>}, which takes what is for a queue {@code other.<queue>} too. */
    private static void bind(Channel channel, String queue) throws IOException {
        channel.queueBind(queue, DELIVERY, "*.".repeat(DIGITS) + queue);
    }

    /** A queue of no limit for what is due for this one; null: the name would be too long. */
    static @Nullable String due(String queue) {
        return fits(DUE + queue) ? DUE + queue : null;
    }

    static List<String> queues() {
        return IntStream.range(0, DIGITS).mapToObj(DelayedDelivery::exchange).toList();
    }

    private static String exchange(int digit) {
        return "celery_delayed_" + digit;
    }
}
