package dev.workerfarm.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.workerfarm.lab.chaos.Chaos;
import dev.workerfarm.lab.node.ContainerRabbitMq;
import dev.workerfarm.lab.node.PrivateRedis;
import dev.workerfarm.lab.node.QueueType;
import dev.workerfarm.testkit.Proof;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The storm on RabbitMQ 4 with quorum queues, as long as each fault has its turn, with fewer tasks after that. */
@Proof
class StormOnRabbitMq4InContainersIT {
    private static final long TASKS = 4_000;

    @Test
    @Timeout(240)
    void whateverIsKilledNothingIsLostAndNothingCountedTwice() throws Exception {
        assumeTrue(PrivateRedis.isInstalled(), "no redis-server installed on this machine");
        assumeTrue(ContainerRabbitMq.isPossible(), "no Docker engine: 'docker info' does not succeed");
        var settings = new Chaos.Settings(4, Chaos.SHORTEST, TASKS, 3, Chaos.Broker.container, QueueType.quorum);
        var chaos = new Chaos(settings, System.out, false);
        try (chaos) {
            var verdict = chaos.run();

            verdict.lines().forEach(System.out::println);
            assertThat(verdict.differences()).isEmpty();
            assertThat(verdict.suppressed()).isPositive();
        }
    }
}
