package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.workerfarm.lab.node.PrivateRabbitMq;
import dev.workerfarm.lab.node.QueueType;
import dev.workerfarm.task.Square;
import dev.workerfarm.testkit.Proof;
import dev.workerfarm.testkit.Services;
import dev.workerfarm.testkit.TestFarm;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A broker of several hosts. Two nodes of their own stand for a cluster; only one runs when anything is published, as they
 * know nothing of each other.
 */
@Proof
@Timeout(180)
class SeveralHostsIT {
    /** Two heartbeats, and what it takes to connect and declare. */
    private static final Duration NOTICED = Duration.ofSeconds(20);

    @Test
    void aFarmGoesOnOnTheOtherHostWhenItsOwnIsKilledOrFrozen() {
        assumeTrue(PrivateRabbitMq.isInstalled(), "no rabbitmq-server installed on this machine");
        try (var first = PrivateRabbitMq.start(QueueType.classic);
                var second = PrivateRabbitMq.start(QueueType.classic)) {
            second.kill(); // now both addresses are known, and one is dead
            var farm = TestFarm.on(
                    first.url().replaceFirst("/$", "," + second.host() + "/"),
                    Services.shared().redisUrl(),
                    SeveralHostsIT.class);
            try (var workers = farm.startWorkers(1, 0);
                    var pool = farm.connect()) {
                assertThat(pool.map(Square.TYPE, List.of(1, 2, 3))).isEqualTo(List.of(1L, 4L, 9L));
                for (int i = 0; i < 5; i++) { // each begins at a random host
                    farm.connect().close();
                }
                var pids = workers.pids();

                second.startAgain();
                first.kill();
                assertThat(pool.applyAsync(Square.TYPE, 4).get(NOTICED)).isEqualTo(16L);

                first.startAgain();
                second.freeze();
                var since = System.nanoTime();
                assertThat(pool.applyAsync(Square.TYPE, 5).get(NOTICED)).isEqualTo(25L);
                System.out.println("a frozen broker: answered by the other host after "
                        + Duration.ofNanos(System.nanoTime() - since).toMillis() + " ms");

                assertThat(workers.pids()).as("no process was replaced").isEqualTo(pids);
            }
        }
    }
}
