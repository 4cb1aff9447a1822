package dev.workerfarm.lab.node;

/** What RabbitMQ makes of a durable queue that is declared without a type: its virtual host's default. As it spells them. */
public enum QueueType {
    classic,
    quorum;

    /**
     * Makes this the default of a new node's virtual host {@code /}, which is classic from the start. A virtual host gets its
     * default type when it is made, on RabbitMQ 3.10 as on 4, so it is made again, and this user may do everything there:
     * <a href="https://www.rabbitmq.com/docs/vhosts#default-queue-type">Virtual Hosts</a>.
     */
    void makeDefault(RabbitMqNode node, String user) {
        if (this != classic) {
            node.ctl("delete_vhost", "/");
            node.ctl("add_vhost", "/", "--default-queue-type", name());
            node.ctl("set_permissions", "--vhost", "/", user, ".*", ".*", ".*");
        }
    }
}
