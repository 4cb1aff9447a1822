package dev.workerfarm.it;

import dev.workerfarm.lab.node.QueueType;
import dev.workerfarm.lab.node.RabbitMqNode;
import java.util.List;

/** The same on RabbitMQ 4 in containers. */
class PausingClusterOnRabbitMq4InContainersIT extends PausingClusterIT {
    @Override
    List<? extends RabbitMqNode> startNodes(QueueType type, String settings) {
        return containers(type, settings);
    }
}
