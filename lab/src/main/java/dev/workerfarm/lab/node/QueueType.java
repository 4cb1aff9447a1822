package dev.workerfarm.lab.node;

/** What RabbitMQ makes of a durable queue that is declared without a type: its virtual host's default. As it spells them. */
public enum QueueType {
    classic,
    quorum;

    /** Makes this the default of a node's virtual host {@code /}, by making that again (RabbitMQ, "Virtual Hosts"). */
    void makeDefault(RabbitMqNode node, String user) {
        if (this != classic) {
            node.ctl("delete_vhost", "/");
            node.ctl("add_vhost", "/", "--default-queue-type", name());
            node.ctl("set_permissions", "--vhost", "/", user, ".*", ".*", ".*");
        }
    }
}
