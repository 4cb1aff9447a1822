package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.workerfarm.cli.WorkerCommand;
import dev.workerfarm.lab.node.Ports;
import dev.workerfarm.lab.node.PrivateRabbitMq;
import dev.workerfarm.lab.node.QueueType;
import dev.workerfarm.testkit.CliRun;
import dev.workerfarm.testkit.JavaProcess;
import dev.workerfarm.testkit.Services;
import dev.workerfarm.testkit.TestFarm;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Arguments and policies by which a broker loses tasks. */
@Timeout(90)
class LossySettingsIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String WARNING = "a setting of the broker loses or delays tasks: ";
    private static final int MANAGEMENT = Ports.free();

    private static PrivateRabbitMq rabbitMq;
    private TestFarm farm;

    @BeforeAll
    static void start() {
        assumeTrue(
                PrivateRabbitMq.isInstalled(), "no rabbitmq-server on this machine, so there is none to be set up so");
        rabbitMq = PrivateRabbitMq.start(
                QueueType.classic, "management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = " + MANAGEMENT + "\n");
    }

    @AfterAll
    static void stop() {
        if (rabbitMq != null) {
            rabbitMq.close();
        }
    }

    @BeforeEach
    void name() {
        farm = TestFarm.on(rabbitMq.url(), Services.shared().redisUrl(), LossySettingsIT.class);
    }

    @AfterEach
    void removeQueues() {
        farm.close();
    }

    @Test
    void policiesAreNamedOnceByTheWorkerAndByStatusWhereTheManagementApiIs() {
        rabbitMq.ctl(
                "set_policy",
                "lossy",
                "^" + farm.tasks() + "$",
                "{\"max-length\":10,\"expires\":3600000,\"message-ttl\":60000,\"dead-letter-exchange\":\"x\"}");
        rabbitMq.ctl(
                "set_policy", "right", "^" + farm.dead() + "$", "{\"max-length\":9,\"overflow\":\"reject-publish\"}");
        var environment = farm.environment("FARM_MANAGEMENT_URL", "http://127.0.0.1:" + MANAGEMENT);
        var by = farm.tasks() + ": the policy 'lossy' with ";
        var expected = List.of(
                by + "max-length=10 drops the oldest messages when the queue is full",
                by + "expires=3600000 deletes the queue",
                by + "message-ttl=60000 drops messages",
                by + "dead-letter-exchange=x takes messages");
        try (var worker = worker(environment)) {
            assertWarned(worker, expected);

            var status = CliRun.of(environment, "status").out();
            assertThat(status.lines().filter(line -> line.startsWith("warning: ")))
                    .hasSize(4)
                    .allMatch(line -> expected.stream().anyMatch(line.substring("warning: ".length())::startsWith));
            assertThat(status).doesNotContain("not looked at");
        } finally {
            rabbitMq.ctl("clear_policy", "lossy");
            rabbitMq.ctl("clear_policy", "right");
        }
    }

    @Test
    void argumentsAreNamedWithoutTheManagementApiAndPoliciesSaidToBeUnseen() throws Exception {
        Map<String, Object> arguments = new HashMap<>();
        arguments.put("x-queue-type", "quorum");
        arguments.put("x-delivery-limit", 5);
        arguments.put("x-max-length", 100);
        arguments.put("x-message-ttl", 60_000);
        farm.onBroker(channel -> channel.queueDeclare(farm.tasks(), true, false, false, arguments));
        farm.onBroker(channel -> channel.queueDeclare(farm.downloads(), false, false, true, Map.of()));
        var expected = List.of(
                farm.tasks() + ": its argument max-length=100 drops the oldest",
                farm.tasks() + ": its argument message-ttl=60000 drops messages",
                farm.tasks() + ": its argument delivery-limit=5 drops a message that came back so often",
                farm.downloads() + ": its argument durable=false loses the queue when the broker restarts",
                farm.downloads() + ": its argument auto-delete=true deletes the queue");
        try (var worker = worker(farm.environment())) {
            assertWarned(worker, expected);
            await("policies")
                    .atMost(SOON)
                    .until(() -> worker.errorLines().stream()
                            .anyMatch(line -> line.contains("policies of the queues were not looked at")));

            assertThat(CliRun.of(farm.environment(), "status").out())
                    .contains("warning: " + farm.tasks() + ": its argument delivery-limit=5")
                    .contains("policies were not looked at: there is no management API");
        }
    }

    private static void assertWarned(JavaProcess worker, List<String> expected) {
        await("the warnings").atMost(SOON).until(() -> warnings(worker).size() >= expected.size());
        assertThat(warnings(worker))
                .hasSize(expected.size())
                .allMatch(line -> expected.stream().anyMatch(line::contains));
    }

    private static List<String> warnings(JavaProcess worker) {
        return worker.errorLines().stream()
                .filter(line -> line.contains(WARNING))
                .toList();
    }

    private static JavaProcess worker(Map<String, String> environment) {
        return JavaProcess.start(environment, WorkerCommand.class, "--processes", "2", "--downloaders", "0");
    }
}
