package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.task.Square;
import dev.workerfarm.testkit.GatedReport;
import dev.workerfarm.testkit.Services;
import dev.workerfarm.testkit.TestFarm;
import dev.workerfarm.wire.task.PostponedMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A quorum queue that counts how often a message came back, and deletes it at the 21st time, as RabbitMQ 4 does. */
@Timeout(90)
class ReturnsContractIT {
    private static final int LIMIT = 20;
    private static final Duration SOON = Duration.ofSeconds(30);

    private TestFarm farm;
    private Pool pool;

    @TempDir
    private Path folder;

    @BeforeEach
    void declareTasks() throws Exception {
        assumeTrue(Services.shared().isRabbitMq(), "only RabbitMQ has quorum queues");
        farm = TestFarm.onSharedServices(ReturnsContractIT.class);
        var arguments = Map.<String, Object>of("x-queue-type", "quorum", "x-delivery-limit", LIMIT);
        farm.onBroker(channel -> channel.queueDeclare(farm.tasks(), true, false, false, arguments));
        pool = farm.connect();
    }

    @AfterEach
    void close() {
        if (farm != null) {
            pool.terminate();
            farm.close();
        }
    }

    @Test
    void aTaskThatCameBackFifteenTimesSurvivesTheWorkerThatGivesItBackAndFifteenReturnsMore() throws Exception {
        GatedReport.jar().writeTo(folder.resolve("tasks.jar"));
        var gate = folder.resolve("gate");
        var tasks = GatedReport.TYPE.on(Square.TYPE.queue());
        var longTask = pool.applyAsync(tasks, folder.resolve("mark").toString(), gate.toString());
        await().atMost(SOON).until(() -> farm.waiting(farm.tasks()) == 1);
        var square = pool.applyAsync(Square.TYPE, 7);
        await().atMost(SOON).until(() -> farm.waiting(farm.tasks()) == 2);
        farm.onBroker(channel -> {
            var first = take(channel);
            returnTimes(channel, 14);
            var second = take(channel);
            channel.basicReject(first.getEnvelope().getDeliveryTag(), true);
            channel.basicReject(second.getEnvelope().getDeliveryTag(), true);
            return second;
        });

        try (var workers = farm.startWorkers(1, 0, Map.of("FARM_TASKS", folder.toString()))) {
            assertThat(workers.pids()).hasSize(1);
            await("the long task runs").atMost(SOON).until(() -> Files.exists(folder.resolve("mark")));
            await("the other one was given back").atMost(SOON).until(() -> farm.waiting(farm.tasks()) == 1);
            farm.onBroker(channel -> returnTimes(channel, 15));
            Files.createFile(gate);

            assertThat(square.get(SOON)).isEqualTo(49L);
            assertThat(longTask.get(SOON)).isEqualTo(1);
        }
    }

    /** Returns the message at the head so often; how often it had come back before. */
    private long returnTimes(Channel channel, int times) throws IOException {
        var before = -1L;
        for (var i = 0; i < times; i++) {
            var got = take(channel);
            before = before < 0 ? PostponedMessage.returns(got.getProps()) : before;
            channel.basicReject(got.getEnvelope().getDeliveryTag(), true);
        }
        return before;
    }

    private GetResponse take(Channel channel) {
        return await().atMost(SOON).until(() -> channel.basicGet(farm.tasks(), false), got -> got != null);
    }
}
