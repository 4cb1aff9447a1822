package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.workerfarm.cli.WorkerCommand;
import dev.workerfarm.lab.node.PrivateRabbitMq;
import dev.workerfarm.lab.node.QueueType;
import dev.workerfarm.task.BuiltIn.Sleep;
import dev.workerfarm.testkit.JavaProcess;
import dev.workerfarm.testkit.Services;
import dev.workerfarm.testkit.TestFarm;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A broker that allows few channels on a connection. */
@Timeout(90)
class FewChannelsIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String FEW = "the broker allows few channels on a connection (channel_max)";

    private static PrivateRabbitMq rabbitMq;

    @BeforeAll
    static void start() {
        assumeTrue(PrivateRabbitMq.isInstalled(), "no rabbitmq-server on this machine, so none can be set up so");
        rabbitMq = PrivateRabbitMq.start(QueueType.classic, "channel_max = 4\n");
    }

    @AfterAll
    static void stop() {
        if (rabbitMq != null) {
            rabbitMq.close();
        }
    }

    @Test
    void fourLongTasksAndThreeQueuesNeedNoOtherConnectionAndTheWarningComesOnce() throws Exception {
        var farm = TestFarm.on(rabbitMq.url(), Services.shared().redisUrl(), FewChannelsIT.class);
        try (var worker = worker(farm, "extra-1,extra-2");
                var pool = farm.connect()) {
            var other = pool.task(Sleep.TYPE).queue("extra-2");
            await().atMost(SOON).until(() -> other.workers() == 1);
            var connections = connections();

            var calls = IntStream.range(0, 4)
                    .mapToObj(n -> (n % 2 == 0 ? pool.task(Sleep.TYPE) : other).applyAsync(700, "slept"))
                    .toList();

            assertThat(calls).allSatisfy(call -> assertThat(call.get(SOON)).isEqualTo("slept"));
            assertThat(connections()).containsAll(connections);
            assertThat(worker.errorLines())
                    .filteredOn(line -> line.contains(FEW))
                    .singleElement()
                    .asString()
                    .contains("channelMax=4 needed=11");
        }
    }

    @Test
    void moreQueuesThanChannelsAreOneLineAtTheStart() throws Exception {
        var farm = TestFarm.on(rabbitMq.url(), Services.shared().redisUrl(), FewChannelsIT.class);
        try (var worker = worker(farm, "a,b,c,d")) {
            assertThat(worker.awaitExit(SOON)).isEqualTo(3);
            assertThat(worker.errorLines())
                    .filteredOn(line -> line.contains("channel_max"))
                    .singleElement()
                    .asString()
                    .contains("it allows 4 channels on a connection (channel_max)", "needs 6");
        }
    }

    private static JavaProcess worker(TestFarm farm, String queues) {
        var environment = farm.environment("FARM_QUEUES", queues);
        return JavaProcess.start(environment, WorkerCommand.class, "--processes", "1", "--downloaders", "0");
    }

    private static List<String> connections() {
        return rabbitMq.ctl("list_connections", "pid", "client_properties")
                .lines()
                .filter(line -> line.contains("worker "))
                .map(line -> line.substring(0, line.indexOf('\t')))
                .toList();
    }
}
