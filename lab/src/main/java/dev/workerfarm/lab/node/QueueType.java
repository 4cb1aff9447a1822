package dev.workerfarm.lab.node;

/** What RabbitMQ makes of a durable queue that is declared without a type: its virtual host's default. As it spells them. */
public enum QueueType {
    classic,
    quorum
}
