package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.workerfarm.cli.ProducerCommand;
import dev.workerfarm.lab.node.PrivateRabbitMq;
import dev.workerfarm.testkit.JavaProcess;
import dev.workerfarm.testkit.Proof;
import dev.workerfarm.testkit.Services;
import dev.workerfarm.testkit.TestFarm;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a producer says that has waited for 30 s. */
@Proof
@Timeout(240)
class AwaitedReasonsIT {
    private static final Duration SAID = Duration.ofSeconds(50);

    @Test
    void saysEvery30SecondsForWhat() {
        assumeTrue(PrivateRabbitMq.isInstalled(), "no rabbitmq-server on this machine, so none can be troubled");
        try (var rabbitMq = Services.ownRabbitMq()) {
            var farm = TestFarm.on(rabbitMq.url(), Services.shared().redisUrl(), AwaitedReasonsIT.class);
            var host = farm.broker().hostList();
            try (var producer = JavaProcess.start(farm.environment(), ProducerCommand.class, "run", "square", "7")) {
                awaitSaid(producer, "reason=no worker consumes " + farm.tasks());
                rabbitMq.freeze();
                awaitSaid(producer, "reason=the broker at " + host + " is away for ");
                rabbitMq.thaw();
                awaitSaid(producer, "reconnected");
                try (var workers = farm.startWorkers(1, 0)) {
                    await().atMost(SAID).until(() -> producer.outputLines().contains("49"));
                    assertThat(workers.pids()).hasSize(1);
                }
                assertThat(producer.errorLines())
                        .allMatch(line -> !line.contains(farm.broker().password()));
            }

            rabbitMq.ctl("set_vm_memory_high_watermark", "absolute", "1");
            try (var producer = JavaProcess.start(farm.environment(), ProducerCommand.class, "run", "square", "7")) {
                awaitSaid(producer, "reason=the broker at " + host + " takes no messages");
            }
        }
    }

    private static void awaitSaid(JavaProcess producer, String text) {
        await(text).atMost(SAID).until(() -> producer.errorLines().stream().anyMatch(line -> line.contains(text)));
    }
}
