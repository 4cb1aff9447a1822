package dev.workerfarm.it;

import dev.workerfarm.lab.node.QueueType;
import dev.workerfarm.lab.node.RabbitMqNode;
import java.util.List;

/** The same on RabbitMQ 4 in containers. */
class ClusterOnRabbitMq4InContainersIT extends ClusterIT {
    @Override
    List<? extends RabbitMqNode> startNodes(QueueType type, String settings) {
        return containers(type, settings);
    }
}
