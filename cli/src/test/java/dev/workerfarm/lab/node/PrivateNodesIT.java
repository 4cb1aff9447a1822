package dev.workerfarm.lab.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.testkit.Probes;
import dev.workerfarm.testkit.Proof;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What the fault tests build on: a node loses nothing that is durable, whatever is done to it, and leaves nothing behind. */
class PrivateNodesIT {
    private static final String QUEUE = "PrivateNodesIT";

    @Proof
    @Test
    void rabbitMqKeepsAConfirmedMessageOverARestartAndAKill() throws Exception {
        assumeTrue(PrivateRabbitMq.isInstalled(), "no RabbitMQ installed on this machine");
        long last;
        try (var node = PrivateRabbitMq.start(QueueType.classic)) {
            publish(node.url());
            var first = node.pid();

            node.stop();
            node.startAgain();
            assertThat(node.pid()).isNotEqualTo(first);
            assertThat(node.ctl("list_queues", "name", "messages")).containsPattern(QUEUE + "\\s+1");

            node.kill();
            assertThatThrownBy(() -> Probes.broker(node.url())).isInstanceOf(IOException.class);
            node.startAgain();
            assertThat(node.ctl("list_queues", "name", "messages")).containsPattern(QUEUE + "\\s+1");

            assertThatThrownBy(() -> node.ctl("no_such_command"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("no_such_command");
            last = node.pid();
        }
        assertThat(ProcessHandle.of(last)).isEmpty();
    }

    @Proof
    @Test
    void onAQuorumNodeAQueueDeclaredWithoutATypeIsAQuorumQueue() throws Exception {
        assumeTrue(PrivateRabbitMq.isInstalled(), "no RabbitMQ installed on this machine");
        try (var node = PrivateRabbitMq.start(QueueType.quorum)) {
            publish(node.url());
            assertThat(node.ctl("list_queues", "name", "type")).containsPattern(QUEUE + "\\s+quorum");

            node.stop(); // no kill: of one that comes within a second RabbitMQ 3.10 remembers no new quorum queue
            node.startAgain();
            publish(node.url());
        }
    }

    @Test
    void redisKeepsAValueOverARestartAndAKill() {
        assumeTrue(PrivateRedis.isInstalled(), "no Redis installed on this machine");
        long last;
        try (var redis = PrivateRedis.start()) {
            count(redis.url(), 1);

            redis.stop();
            redis.startAgain();
            count(redis.url(), 2);

            redis.kill();
            redis.startAgain();
            count(redis.url(), 3);
            last = redis.pid();
        }
        assertThat(ProcessHandle.of(last)).isEmpty();
    }

    private static void publish(String url) throws Exception {
        var factory = new ConnectionFactory();
        factory.setUri(url.replaceFirst("/$", ""));
        factory.setAutomaticRecoveryEnabled(false);
        try (var connection = factory.newConnection();
                var channel = connection.createChannel()) {
            channel.queueDeclare(QUEUE, true, false, false, null);
            channel.confirmSelect();
            channel.basicPublish(
                    "", QUEUE, MessageProperties.PERSISTENT_BASIC, "kept".getBytes(StandardCharsets.UTF_8));
            channel.waitForConfirmsOrDie(10_000);
        }
    }

    private static void count(String url, long expected) {
        try (var state = RedisSharedState.open(RedisAddress.parse(url), "PrivateNodesIT")) {
            assertThat(state.value("count").addAndGet(1L)).isEqualTo(expected);
        }
    }
}
