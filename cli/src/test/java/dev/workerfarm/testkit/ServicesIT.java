package dev.workerfarm.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.redis.RedisSharedState;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServicesIT {
    private final Services services = Services.shared();

    @Test
    void carriesAMessageThroughTheBroker() throws Exception {
        var factory = new ConnectionFactory();
        factory.setUri(services.amqpUrl().replaceFirst("/$", ""));
        try (var connection = factory.newConnection();
                var channel = connection.createChannel()) {
            var queue = channel.queueDeclare().getQueue();
            channel.confirmSelect();
            channel.basicPublish("", queue, true, MessageProperties.PERSISTENT_BASIC, bytes("round trip"));
            channel.waitForConfirmsOrDie(10_000);

            GetResponse message = channel.basicGet(queue, true);

            assertThat(message).isNotNull();
            assertThat(message.getBody()).isEqualTo(bytes("round trip"));
        }
    }

    @Test
    void keepsAValueInRedis() {
        try (var state = RedisSharedState.open(RedisAddress.parse(services.redisUrl()), "ServicesIT")) {
            var value = state.value("keepsAValueInRedis");
            try {
                value.set(40L);
                value.add(2L);

                assertThat(value.getLong()).isEqualTo(42);
            } finally {
                value.delete();
            }
        }
    }

    @Test
    void givesEveryTestTheSameServices() {
        assertThat(Services.shared()).isSameAs(services);
    }

    @Test
    void saysWhatTheyAre() {
        assertThat(services.toString()).matches("services: [a-z ]+, \\S.* [0-9].* \\+ Redis [0-9.]+");
        assertThat(services.isRabbitMq()).isEqualTo(services.toString().contains("RabbitMQ"));
        if (services.kind() == Services.Kind.EMBEDDED) {
            assertThat(services.isRabbitMq()).isFalse();
        }
    }

    @Test
    void startsTheEmbeddedServicesWhereTheyAreAskedFor() {
        try (var embedded = Services.start(Map.of("FARM_TEST_SERVICES", "embedded"))) {
            assertThat(embedded.kind()).isEqualTo(Services.Kind.EMBEDDED);
            assertThat(embedded.isRabbitMq()).isFalse();
        }
    }

    @Test
    void takesGivenServicesAndLeavesThemRunning() {
        var given = Map.of("FARM_TEST_AMQP_URL", services.amqpUrl(), "FARM_TEST_REDIS_URL", services.redisUrl());

        try (var same = Services.start(given)) {
            assertThat(same.kind()).isEqualTo(Services.Kind.GIVEN);
        }

        assertThat(Probes.redis(services.redisUrl()).name()).isEqualTo("Redis");
    }

    @Test
    void failsWhereOnlyOneUrlIsGiven() {
        assertThatThrownBy(() -> Services.start(Map.of("FARM_TEST_AMQP_URL", services.amqpUrl())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("FARM_TEST_REDIS_URL");
    }

    @Test
    void failsWhereTheChoiceIsUnknown() {
        assertThatThrownBy(() -> Services.start(Map.of("FARM_TEST_SERVICES", "cloud")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("cloud");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
