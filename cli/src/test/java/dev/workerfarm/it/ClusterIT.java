package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.lab.node.QueueType;
import dev.workerfarm.task.Square;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Quorum queues, on nodes that stay up without a majority. */
class ClusterIT extends ClusterProof {
    ClusterIT() {
        super(QueueType.quorum, "cluster_partition_handling = ignore\n");
    }

    @Test
    void theNodeOfTheTaskQueuesLeaderIsKilledAndStaysAway() {
        var leader = cluster.homeOf(0, farm.tasks());
        cluster.node(leader).kill();
        load.awaitProgress("the leader was killed");

        try (var other = farm.connect()) {
            assertThat(other.applyAsync(Square.TYPE, 3).get(Duration.ofSeconds(5)))
                    .isEqualTo(9L);
        }
        load.assertExact();
        cluster.startAgain(leader);
        cluster.awaitWhole();
    }

    @Test
    void theNodeOfTheReplyQueueIsKilledAndRepliesGoOnElsewhereWithinSecondsAndAfterItsReturn() {
        var replies = replyQueue();
        var home = cluster.homeOf(0, replies);
        cluster.node(home).kill();
        assertThat(load.awaitProgress("the node of the reply queue was killed")).isLessThan(Duration.ofSeconds(20));

        assertThat(pool.applyAsync(Square.TYPE, 3).get(Duration.ofSeconds(5))).isEqualTo(9L);
        cluster.startAgain(home);
        cluster.awaitWhole();
        load.awaitProgress("the node of the reply queue is back");
    }

    /** The reply queue of the one producer. */
    private String replyQueue() {
        var prefix = farm.names().replies("");
        return cluster.node(0)
                .ctl("list_queues", "name")
                .lines()
                .filter(name -> name.startsWith(prefix))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aMajorityIsLostAndComesBack() {
        loseAMajorityFor(Duration.ofSeconds(15));
    }

    @Test
    void allNodesAreRestartedOneAfterTheOther() {
        restartAllOneAfterTheOther();
    }

    @Test
    void workersAndProducersThatKnowOneNodeEachGoOnWhenTheirNodeIsBack() {
        try (var workers = cluster.farm(getClass(), 0).startWorkers(1, 0);
                var there = cluster.farm(getClass(), 1).connect()) {
            var other = new ClusterLoad(farm, there, "apart");
            other.awaitProgress("a producer on a node of its own");
            for (int i = 0; i < 2; i++) {
                cluster.node(i).kill();
                load.awaitProgress("node " + i + " was killed");
                cluster.startAgain(i);
                cluster.awaitWhole();
                other.awaitProgress("node " + i + " is back");
            }
            other.assertExact();
            assertThat(workers.pids()).hasSize(1);
        }
    }
}
