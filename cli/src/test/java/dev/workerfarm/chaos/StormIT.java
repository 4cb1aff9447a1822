package dev.workerfarm.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.workerfarm.lab.chaos.Chaos;
import dev.workerfarm.lab.node.PrivateRabbitMq;
import dev.workerfarm.lab.node.PrivateRedis;
import dev.workerfarm.lab.node.QueueType;
import dev.workerfarm.testkit.Proof;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code farm chaos} in its short form. What it did is in the output, and can be done again by its seed. */
@Proof
class StormIT {
    @Test
    @Timeout(300)
    void whateverIsKilledNothingIsLostAndNothingCountedTwice() throws Exception {
        assumeTrue(
                PrivateRabbitMq.isInstalled() && PrivateRedis.isInstalled(),
                "no rabbitmq-server or redis-server installed on this machine");
        var settings = new Chaos.Settings(1, Chaos.SHORTEST, Chaos.TASKS, 3, Chaos.Broker.local, QueueType.classic);
        var chaos = new Chaos(settings, System.out, false);
        try (chaos) {
            var verdict = chaos.run();

            verdict.lines().forEach(System.out::println);
            assertThat(verdict.differences()).isEmpty();
            assertThat(verdict.tasks()).isGreaterThanOrEqualTo(Chaos.TASKS);
            assertThat(verdict.suppressed()).isPositive();
        }
    }
}
