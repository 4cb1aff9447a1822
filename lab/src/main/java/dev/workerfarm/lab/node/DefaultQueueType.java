package dev.workerfarm.lab.node;

/** Gives a new node's virtual host {@code /} a default queue type. Stateless. */
final class DefaultQueueType {
    private DefaultQueueType() {}

    /**
     * Has the node make queues of this type where a declaration names none. A virtual host gets its default type when it is
     * made, on RabbitMQ 3.10 as on 4, so it is made again:
     * <a href="https://www.rabbitmq.com/docs/vhosts#default-queue-type">Virtual Hosts</a>.
     *
     * @param node one that nobody uses yet; classic is what it has from the start
     * @param user who may do everything there
     */
    static void set(RabbitMqNode node, QueueType type, String user) {
        if (type != QueueType.classic) {
            node.ctl("delete_vhost", "/");
            node.ctl("add_vhost", "/", "--default-queue-type", type.name());
            node.ctl("set_permissions", "--vhost", "/", user, ".*", ".*", ".*");
        }
    }
}
