package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.lab.node.ContainerRabbitMq;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.task.Square;
import dev.workerfarm.task.UpdateValue;
import dev.workerfarm.testkit.ContainerServices;
import dev.workerfarm.testkit.Proof;
import dev.workerfarm.worker.Worker;
import dev.workerfarm.worker.WorkerConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The farm on RabbitMQ 4 and Redis 8 in containers. Skipped only where no Docker engine is; with one, containers that do
 * not start are a failure.
 */
@Proof
class RunsOnRabbitMq4InContainersIT {
    private static final Deque<AutoCloseable> STARTED = new ArrayDeque<>();

    private static ContainerServices services;
    private static Pool pool;

    @BeforeAll
    static void startFarm(@TempDir Path downloads) throws Exception {
        assumeTrue(ContainerRabbitMq.isPossible(), "no Docker engine: 'docker info' does not succeed");
        services = ContainerServices.start();
        STARTED.push(services);
        var environment = Map.of(
                "FARM_AMQP_URL", services.amqpUrl(),
                "FARM_REDIS_URL", services.redisUrl(),
                "FARM_PROCESSES", "2",
                "FARM_DOWNLOADERS", "1",
                "FARM_DOWNLOAD_DIR", downloads.toString());
        var workers = Worker.start(WorkerConfig.from(environment));
        STARTED.push(workers);
        assertThat(workers.awaitReady(Duration.ofSeconds(60)))
                .as("all three workers consume within 60 s")
                .isTrue();
        pool = Pool.builder().broker(services.amqpUrl()).connect();
        STARTED.push(pool);
    }

    @AfterAll
    static void stopFarm() throws Exception {
        while (!STARTED.isEmpty()) {
            STARTED.pop().close();
        }
    }

    @Test
    void theBrokerIsRabbitMq4AndTheStoreRedis8() throws Exception {
        assertThat(services.describe()).matches("RabbitMQ 4\\..* \\+ Redis 8\\..*");
    }

    @Test
    void mapsSquareOverAThousandNumbers() {
        var numbers = LongStream.rangeClosed(1, 1000).boxed().toList();

        var squares = pool.map(Square.TYPE, numbers);

        assertThat(squares)
                .extracting(Number::longValue)
                .isEqualTo(numbers.stream().map(n -> n * n).toList());
    }

    @Test
    void countsEveryUpdateOfASharedValueOnce() {
        var updates = Collections.nCopies(200, new UpdateValue("countsEveryUpdateOfASharedValueOnce", 3L));

        pool.map(UpdateValue.TYPE, updates);

        try (var state = RedisSharedState.open(RedisAddress.parse(services.redisUrl()), "farm")) {
            assertThat(state.value("countsEveryUpdateOfASharedValueOnce").getLong())
                    .isEqualTo(600);
        }
    }
}
