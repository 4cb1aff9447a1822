package dev.workerfarm.lab.node;

/**
 * A RabbitMQ node of our own that is there to be killed and frozen; what is durable survives that. Gone when closed, or
 * when this JVM ends in any way. One thread at a time starts and stops it; whoever started it closes it.
 */
public interface RabbitMqNode extends AutoCloseable {
    /** {@code amqp://user:password@127.0.0.1:port/}, the same all its life. The user may do everything. */
    String url();

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

    /**
     * Runs {@code rabbitmqctl}, such as {@code ctl("list_queues", "name", "messages")}, and returns what it printed.
     * Takes 1 to 3 s; the exception of one that fails or takes longer than 60 s has the text.
     */
    String ctl(String... arguments);

    /** Ends it at once and removes its data. */
    @Override
    void close();
}
