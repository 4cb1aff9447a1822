package dev.workerfarm.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import com.rabbitmq.client.PossibleAuthenticationFailureException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EmbeddedBrokerIT {
    private static EmbeddedBroker broker;

    @BeforeAll
    static void start() {
        broker = EmbeddedBroker.start();
    }

    @AfterAll
    static void close() {
        broker.close();
    }

    @Test
    void carriesAMessageFromPublishOverConfirmToAck() throws Exception {
        try (var connection = connect(broker.url());
                var channel = connection.createChannel()) {
            channel.confirmSelect();
            channel.queueDeclare("round-trip", true, false, false, null);
            channel.basicPublish("", "round-trip", true, MessageProperties.PERSISTENT_BASIC, utf8("hello"));
            channel.waitForConfirmsOrDie(10_000);
            BlockingQueue<String> received = new ArrayBlockingQueue<>(1);
            channel.basicConsume(
                    "round-trip",
                    false,
                    (tag, delivery) -> {
                        channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
                        received.add(new String(delivery.getBody(), StandardCharsets.UTF_8));
                    },
                    tag -> {});
            assertThat(received.poll(10, TimeUnit.SECONDS)).isEqualTo("hello");
            assertThat(broker.workFolder()).doesNotExist();
        }
    }

    @Test
    void holdsADelayedMessageBackForItsDelayAndNotMuchLonger() throws Exception {
        try (var connection = connect(broker.url());
                var channel = connection.createChannel()) {
            channel.queueDeclare("delayed", true, false, false, Map.of("holdOnPublishEnabled", true));
            long due = System.currentTimeMillis() + 400;
            var properties = new BasicProperties.Builder()
                    .headers(Map.of("x-qpid-not-valid-before", due))
                    .build();
            channel.basicPublish("", "delayed", properties, utf8("later"));
            BlockingQueue<Long> receivedAt = new ArrayBlockingQueue<>(1);
            channel.basicConsume(
                    "delayed", true, (tag, delivery) -> receivedAt.add(System.currentTimeMillis()), tag -> {});
            assertThat(receivedAt.poll(10, TimeUnit.SECONDS)).isBetween(due, due + 5_000);
        }
    }

    @Test
    void allowsMoreChannelsThanItsDefaultOf256() throws Exception {
        try (var connection = connect(broker.url())) {
            List<Object> channels = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                channels.add(connection.createChannel());
            }
            assertThat(channels).doesNotContainNull();
        }
    }

    @Test
    void refusesAWrongPassword() {
        var wrong = broker.url().replaceFirst(":[0-9a-f]+@", ":wrong@");
        assertThatThrownBy(() -> connect(wrong)).isInstanceOf(PossibleAuthenticationFailureException.class);
    }

    @Test
    void twoBrokersLiveSideBySideAndWriteNothing() throws Exception {
        var other = EmbeddedBroker.start();
        assertThat(other.url()).isNotEqualTo(broker.url());
        try (var connection = connect(other.url())) {
            assertThat(connection.isOpen()).isTrue();
        }
        other.close();
        assertThatThrownBy(() -> connect(other.url())).isInstanceOf(ConnectException.class);
        assertThat(other.workFolder()).doesNotExist();
    }

    @Test
    void closingTwiceIsHarmless() {
        var other = EmbeddedBroker.start();
        other.close();
        other.close();
    }

    @Test
    void aReplyQueueWithoutAConsumerGoesAfterItsIdleLimitAndNoOther() throws Exception {
        var clock = new long[] {1};
        var sweeper = new ReplyQueueSweeper(broker, "sweep", Duration.ofHours(1), () -> clock[0]);
        try (sweeper;
                var connection = connect(broker.url());
                var channel = connection.createChannel()) {
            for (var name : List.of("sweep.replies.idle", "sweep.replies.used", "sweep.tasks", "other.replies.x")) {
                channel.queueDeclare(name, true, false, false, null);
            }
            var consumer = channel.basicConsume("sweep.replies.used", (tag, delivery) -> {}, tag -> {});

            sweeper.sweep();
            clock[0] += Duration.ofMinutes(59).toNanos();
            sweeper.sweep();
            assertThat(queueNames("sweep.replies.")).containsExactly("sweep.replies.idle", "sweep.replies.used");

            clock[0] += Duration.ofMinutes(1).toNanos();
            sweeper.sweep();
            assertThat(queueNames("sweep.replies.")).containsExactly("sweep.replies.used");

            channel.basicCancel(consumer);
            await().until(() -> consumers("sweep.replies.used") == 0);
            sweeper.sweep();
            clock[0] += Duration.ofHours(1).toNanos();
            sweeper.sweep();
            assertThat(queueNames("sweep.replies.")).isEmpty();
            assertThat(queueNames("sweep.tasks")).hasSize(1);
            assertThat(queueNames("other.replies.")).hasSize(1);
        }
    }

    @Test
    void sweepsByItselfEveryPeriod() throws Exception {
        var sweeper = new ReplyQueueSweeper(broker, "timed", Duration.ofMillis(50), System::nanoTime);
        try (sweeper;
                var connection = connect(broker.url());
                var channel = connection.createChannel()) {
            channel.queueDeclare("timed.replies.a", true, false, false, null);
            sweeper.start(Duration.ofMillis(20));
            await().until(() -> queueNames("timed.replies.").isEmpty());
        }
    }

    static List<Runnable> faults() {
        return List.of(
                () -> {
                    throw new IllegalStateException("on purpose");
                },
                () -> {
                    throw new StackOverflowError("on purpose");
                },
                () -> Thread.currentThread().interrupt());
    }

    @ParameterizedTest
    @MethodSource("faults")
    void sweepsAgainAfterAFault(Runnable fault) throws Exception {
        var sweeps = new AtomicInteger();
        var sweeper = new ReplyQueueSweeper(broker, "faulty", Duration.ofMillis(50), () -> {
            if (sweeps.incrementAndGet() == 1) {
                fault.run();
            }
            return System.nanoTime();
        });
        try (sweeper;
                var connection = connect(broker.url());
                var channel = connection.createChannel()) {
            channel.queueDeclare("faulty.replies.a", true, false, false, null);
            sweeper.start(Duration.ofMillis(20));
            await().until(() -> queueNames("faulty.replies.").isEmpty());
            assertThat(sweeps).hasValueGreaterThan(1);
        }
    }

    private static List<String> queueNames(String prefix) {
        return broker.queues().stream()
                .map(queue -> queue.getName())
                .filter(name -> name.startsWith(prefix))
                .sorted()
                .toList();
    }

    private static int consumers(String name) {
        return broker.queues().stream()
                .filter(queue -> queue.getName().equals(name))
                .mapToInt(queue -> queue.getConsumerCount())
                .sum();
    }

    private static Connection connect(String url) throws Exception {
        var uri = URI.create(url);
        var user = uri.getUserInfo().split(":", 2);
        var factory = new ConnectionFactory();
        factory.setHost(uri.getHost());
        factory.setPort(uri.getPort());
        factory.setUsername(user[0]);
        factory.setPassword(user[1]);
        factory.setRequestedChannelMax(0);
        return factory.newConnection();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
