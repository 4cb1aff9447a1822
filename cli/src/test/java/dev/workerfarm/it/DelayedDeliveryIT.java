package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.BuiltinExchangeType;
import dev.workerfarm.broker.ConfirmedPublisher;
import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.broker.Topology;
import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.error.EncodeException;
import dev.workerfarm.error.PublishException;
import dev.workerfarm.lab.node.PrivateRabbitMq;
import dev.workerfarm.lab.node.QueueType;
import dev.workerfarm.testkit.TestFarm;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.task.TaskCodec;
import dev.workerfarm.wire.task.TaskMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Waits in a RabbitMQ of our own, as it is killed and others declare the same: Celery's delayed delivery. Where there is
 * no RabbitMQ package there is nothing to kill.
 */
@Timeout(120)
class DelayedDeliveryIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    private static PrivateRabbitMq rabbitMq;
    private static TestFarm farm;
    private static ConfirmedPublisher publisher;

    @BeforeAll
    static void start() throws Exception {
        rabbitMq = PrivateRabbitMq.start(QueueType.classic);
        farm = TestFarm.on(rabbitMq.url(), "redis://127.0.0.1:1/0", DelayedDeliveryIT.class);
        // Somebody has it already in part, with another type of queue: what is there is used as it is.
        farm.onBroker(channel -> {
            channel.exchangeDeclare("celery_delayed_0", BuiltinExchangeType.TOPIC, true);
            var classic = celerysArguments(0, "celery_delayed_delivery");
            classic.put("x-queue-type", "classic");
            classic.remove("x-dead-letter-strategy");
            return channel.queueDeclare("celery_delayed_0", true, false, false, classic);
        });
        publisher = open();
    }

    private static ConfirmedPublisher open() {
        var namespace = farm.tasks().substring(0, farm.tasks().lastIndexOf('.'));
        return new ConfirmedPublisher(
                BrokerAddress.parse(rabbitMq.url()),
                "delays",
                new Topology(new QueueNames(namespace), List.of("other." + farm.tasks())),
                10,
                DelayedDeliveryIT::fail);
    }

    private static void fail(Throwable fault) {
        throw new AssertionError("the publisher has ended", fault);
    }

    @AfterAll
    static void stop() {
        publisher.close();
        rabbitMq.close();
    }

    @Test
    void keepsEachMessageInTheQueueOfItsLongestDigitAndLosesNoneWhenTheBrokerIsKilled() throws Exception {
        var published = Instant.now();
        publish("a", published.plusSeconds(7));
        publish("b", published.plus(Duration.ofDays(1)));
        publish("c", published.plus(Duration.ofDays(20_000)));
        await("the messages in their queues")
                .atMost(SOON)
                .until(() -> farm.waiting("celery_delayed_2") == 1
                        && farm.waiting("celery_delayed_16") == 1
                        && farm.waiting("celery_delayed_27") == 1);

        rabbitMq.kill();
        rabbitMq.startAgain();

        await("the message that is due").atMost(SOON).until(() -> farm.waiting(farm.tasks()) == 1);
        assertThat(Instant.now()).isAfterOrEqualTo(published.plusSeconds(7));
        assertThat(farm.waiting("other." + farm.tasks()))
                .as("of a queue whose name ends the same")
                .isZero();
        await("those that are not")
                .atMost(SOON)
                .until(() -> farm.waiting("celery_delayed_16") == 1 && farm.waiting("celery_delayed_27") == 1);
        farm.onBroker(channel -> channel.queuePurge(farm.tasks()));
    }

    @Test
    void declaresWhatCelerysClientsDeclare() throws Exception {
        publish("a", Instant.now().plusSeconds(1));
        await("the message").atMost(SOON).until(() -> farm.waiting(farm.tasks()) == 1);
        farm.onBroker(channel -> channel.queuePurge(farm.tasks()));

        farm.onBroker(channel -> {
            for (int level = 27; level >= 1; level--) { // level 0 is another's here
                channel.exchangeDeclare("celery_delayed_" + level, BuiltinExchangeType.TOPIC, true);
                channel.queueDeclare(
                        "celery_delayed_" + level,
                        true,
                        false,
                        false,
                        celerysArguments(level, "celery_delayed_" + (level - 1)));
            }
            return channel.exchangeDeclare("celery_delayed_delivery", BuiltinExchangeType.TOPIC, true);
        });
    }

    @Test
    void bringsWhatWaitsToAQueueThatWasDeclaredAnew() throws Exception {
        publish("a", Instant.now().plusSeconds(2));

        farm.onBroker(channel -> channel.queueDelete(farm.tasks()));
        try (var another = open()) {
            assertThat(another.reconnects()).isZero();
            await("the message").atMost(SOON).until(() -> farm.waiting(farm.tasks()) == 1);
        }
        farm.onBroker(channel -> channel.queuePurge(farm.tasks()));
    }

    @Test
    void failsWhatCannotBeDelayedAndGoesOn() throws Exception {
        var due = Instant.now().plusSeconds(60);
        assertThatThrownBy(() -> publishTo("no.such.queue", "a", due)).hasCauseInstanceOf(PublishException.class);
        assertThatThrownBy(() -> publishTo("x".repeat(200), "a", due)).isInstanceOf(EncodeException.class);

        publish("b", Instant.now());
        await("the next message").atMost(SOON).until(() -> farm.waiting(farm.tasks()) == 1);
        assertThat(publisher.reconnects()).isLessThanOrEqualTo(1); // one by the other test's kill
        farm.onBroker(channel -> channel.queuePurge(farm.tasks()));
    }

    private static void publish(String id, Instant due) throws Exception {
        publishTo(farm.tasks(), id, due);
    }

    private static void publishTo(String queue, String id, Instant due)
            throws ExecutionException, InterruptedException, TimeoutException {
        EncodedMessage message = TaskCodec.encode(TaskMessage.of(id, "square", List.of(1), Map.of(), null, Map.of()));
        publisher.publishLater(queue, message, due, SOON).get(SOON.toSeconds(), TimeUnit.SECONDS);
    }

    /** As kombu 5.5's {@code native_delayed_delivery.py} has them. */
    private static Map<String, Object> celerysArguments(int level, String next) {
        Map<String, Object> arguments = new HashMap<>();
        arguments.put("x-queue-type", "quorum");
        arguments.put("x-overflow", "reject-publish");
        arguments.put("x-message-ttl", (1 << level) * 1000L);
        arguments.put("x-dead-letter-exchange", next);
        arguments.put("x-dead-letter-strategy", "at-least-once");
        return arguments;
    }
}
