package dev.workerfarm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.error.BrokerUnreachableException;
import dev.workerfarm.error.RedisUnreachableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComposeFarmTest {
    @TempDir
    private Path folder;

    @Test
    void findsTheBrokerOfTheFarmThatDotEnvDescribes() throws IOException {
        Files.writeString(folder.resolve(".env"), """
                # passwords
                FARM_RABBITMQ_PASSWORD="s3cret-1" # mine
                FARM_RABBITMQ_PORT=5699   # not the usual one
                FARM_NAMESPACE = other
                COMPOSE_PROJECT_NAME=x
                """);

        assertThat(ComposeFarm.find(Map.of("HOME", "/"), folder))
                .containsOnly(
                        Map.entry("HOME", "/"),
                        Map.entry("FARM_AMQP_URL", "amqp://farm:s3cret-1@127.0.0.1:5699/"),
                        Map.entry("FARM_NAMESPACE", "other"));
        assertThat(ComposeFarm.find(Map.of("FARM_RABBITMQ_PORT", "1", "FARM_NAMESPACE", "mine"), folder))
                .containsEntry("FARM_AMQP_URL", "amqp://farm:s3cret-1@127.0.0.1:1/")
                .containsEntry("FARM_NAMESPACE", "mine");
    }

    @Test
    void takesTheDefaultsOfTheComposeFileForWhatDotEnvLeavesOut() throws IOException {
        Files.copy(Path.of("..", ".env.example"), folder.resolve(".env"));

        var found = ComposeFarm.find(Map.of(), folder);

        assertThat(found).containsEntry("FARM_AMQP_URL", "amqp://farm:rabbit-farm@127.0.0.1:5672/");
        assertThat(Files.readString(Path.of("..", "docker-compose.yml")))
                .contains("amqp://farm:${FARM_RABBITMQ_PASSWORD:-rabbit-farm}@", "${FARM_RABBITMQ_PORT:-5672}:5672");
    }

    @Test
    void anAddressThatIsGivenGoesBeforeIt() throws IOException {
        Files.writeString(folder.resolve(".env"), "FARM_RABBITMQ_PORT=5699\n");
        var given = Map.of("FARM_AMQP_URL_FILE", "/run/secrets/amqp");

        assertThat(ComposeFarm.find(given, folder)).isEqualTo(given);
        assertThat(ComposeFarm.find(Map.of(), folder.resolve("none"))).isEmpty();
    }

    @Test
    void whereNoAddressIsGivenItIsSaidHowAComposeFarmIsReached() {
        var redisAway = new RedisUnreachableException("no Redis", null);

        assertThat(ComposeFarm.hint(redisAway, Map.of("FARM_AMQP_URL", "amqp://b/")))
                .contains("docker compose run --rm producer");
        assertThat(ComposeFarm.hint(redisAway, Map.of("FARM_REDIS_URL", "redis://r/")))
                .isNull();
        assertThat(ComposeFarm.hint(new BrokerUnreachableException("no broker", null), Map.of()))
                .contains("cp .env.example .env");
    }
}
