package dev.workerfarm.it;

/** The same on RabbitMQ 4 in containers. */
class PausingClusterOnRabbitMq4InContainersIT extends PausingClusterIT {
    PausingClusterOnRabbitMq4InContainersIT() {
        super(ClusterProof::containers);
    }
}
