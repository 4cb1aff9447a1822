package dev.workerfarm.it;

import dev.workerfarm.lab.node.QueueType;
import org.junit.jupiter.api.Test;

/** Classic queues, each on one node of a cluster: while its node is down, what needs the queue waits. */
class ClassicClusterIT extends ClusterProof {
    ClassicClusterIT() {
        super(QueueType.classic, "");
    }

    @Test
    void allNodesAreRestartedOneAfterTheOther() {
        restartAllOneAfterTheOther();
    }

    @Test
    void theNodeOfTheTaskQueueIsKilledAndComesBack() {
        var home = cluster.homeOf(0, farm.tasks());
        cluster.node(home).kill();
        cluster.startAgain(home);
        load.awaitProgress("the queue's node is back");
    }
}
