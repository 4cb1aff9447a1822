package dev.workerfarm.lab.node;

/**
 * A RabbitMQ node of our own that is there to be killed and frozen; what is durable survives that. Gone when closed, or
 * when this JVM ends in any way. One thread at a time starts and stops it; whoever started it closes it.
 */
public interface RabbitMqNode extends AutoCloseable {
    /** {@code amqp://user:password@127.0.0.1:port/}, the same all its life. The user may do everything. */
    String url();

    /** {@code 127.0.0.1:port}, the same all its life. */
    String host();

    /** Its name in its cluster, as {@code rabbitmqctl} has it. */
    String name();

    boolean isRunning();

    /** Stops it in its tracks, connections open and nothing answered, as a host that vanishes; {@link #kill} ends it. */
    void freeze();

    /** Lets it go on after {@link #freeze}. */
    void thaw();

    /** Stops it as an administrator does. */
    void stop();

    /** Kills it with -9, and waits until it is gone. */
    void kill();

    /** Starts it after {@link #stop} or {@link #kill}, on the same port with the same data, and waits until it takes connections. */
    void startAgain();

    /** Runs {@code rabbitmqctl} and returns what it printed; so does the exception of a failure, or after 60 s. */
    String ctl(String... arguments);

    /** Lines for the {@code rabbitmq.conf} of a node that joins another one's cluster. */
    static String joining(String first, String name) {
        return """
                cluster_formation.peer_discovery_backend = classic_config
                cluster_formation.classic_config.nodes.1 = %s
                cluster_formation.classic_config.nodes.2 = %s
                """.formatted(first, name);
    }

    /** Ends it at once and removes its data. */
    @Override
    void close();
}
