package dev.workerfarm.it;

/** The same on RabbitMQ 4 in containers. */
class ClusterOnRabbitMq4InContainersIT extends ClusterIT {
    ClusterOnRabbitMq4InContainersIT() {
        super(ClusterProof::containers);
    }
}
