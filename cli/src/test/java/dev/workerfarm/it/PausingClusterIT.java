package dev.workerfarm.it;

import dev.workerfarm.lab.node.QueueType;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Quorum queues, on nodes that pause without a majority ({@code pause_minority}). */
class PausingClusterIT extends ClusterProof {
    PausingClusterIT() {
        super(QueueType.quorum, "cluster_partition_handling = pause_minority\n");
    }

    @Test
    void eachNodeInTurnIsCutOffFromTheOthers() {
        for (int i = 0; i < 3; i++) {
            cluster.cutOff(i);
            load.awaitProgress("node " + i + " was cut off");
            cluster.heal(i);
            load.awaitProgress("node " + i + " is back");
        }
    }

    @Test
    void aMajorityIsLostAndComesBack() {
        loseAMajorityFor(Duration.ofSeconds(15));
    }
}
