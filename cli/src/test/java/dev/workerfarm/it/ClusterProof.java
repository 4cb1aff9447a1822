package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.workerfarm.lab.node.ContainerRabbitMq;
import dev.workerfarm.lab.node.PrivateRabbitMq;
import dev.workerfarm.lab.node.QueueType;
import dev.workerfarm.lab.node.RabbitMqNode;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.task.Square;
import dev.workerfarm.testkit.BrokerCluster;
import dev.workerfarm.testkit.Proof;
import dev.workerfarm.testkit.TestFarm;
import dev.workerfarm.worker.Worker;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * Three broker nodes, of which some fail under load. After each test every value must be right, every effect counted once, no letter
 * dead, and the same processes answer.
 */
@Proof
@Timeout(240)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ClusterProof {
    private static final Duration AT_ONCE = Duration.ofSeconds(2);

    private final QueueType type;
    private final String settings;
    private int values;
    private Worker workers;
    private List<Long> processes;

    BrokerCluster cluster;
    TestFarm farm;
    Pool pool;
    ClusterLoad load;

    /** @param settings lines for the configuration of each node */
    ClusterProof(QueueType type, String settings) {
        this.type = type;
        this.settings = settings;
    }

    List<? extends RabbitMqNode> startNodes(QueueType type, String settings) {
        assumeTrue(PrivateRabbitMq.isInstalled(), "no rabbitmq-server installed on this machine");
        return PrivateRabbitMq.startCluster(3, type, settings);
    }

    static List<? extends RabbitMqNode> containers(QueueType type, String settings) {
        assumeTrue(ContainerRabbitMq.isPossible(), "no Docker engine: 'docker info' does not succeed");
        return ContainerRabbitMq.startCluster(3, type, settings);
    }

    @BeforeAll
    void startCluster() {
        cluster = BrokerCluster.of(startNodes(type, settings));
        farm = cluster.farm(getClass());
        workers = farm.startWorkers(2, 0);
    }

    @AfterAll
    void stopCluster() {
        if (workers != null) {
            workers.close();
        }
        if (cluster != null) {
            cluster.close();
        }
    }

    @BeforeEach
    void startLoad() {
        cluster.startWhatIsDown(); // by a test before that failed
        processes = workers.pids();
        pool = farm.connect();
        load = new ClusterLoad(farm, pool, "value-" + values++);
        load.awaitProgress("the first updates");
    }

    @AfterEach
    void allIsExactAndTheSameProcessesAnswer() throws Exception {
        try {
            load.assertExact();
            assertThat(pool.applyAsync(Square.TYPE, 2).get(AT_ONCE)).isEqualTo(4L);
            assertThat(workers.pids()).isEqualTo(processes);
            assertThat(farm.waiting(farm.dead())).isZero();
        } catch (AssertionError | RuntimeException e) {
            System.err.println(cluster.state());
            throw e;
        } finally {
            pool.terminate();
        }
    }

    /** A majority is killed, and started again after so long. */
    void loseAMajorityFor(Duration outage) {
        cluster.node(0).kill();
        cluster.node(1).kill();
        await().pollDelay(outage).atMost(outage.multipliedBy(2)).until(() -> true);
        cluster.startAgain(0, 1);
        load.awaitProgress("a majority is back");
        cluster.awaitWhole();
    }

    void restartAllOneAfterTheOther() {
        for (int i = 0; i < 3; i++) {
            cluster.node(i).stop();
            cluster.startAgain(i);
            cluster.awaitWhole();
            load.awaitProgress("node " + i + " was restarted");
        }
    }
}
