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

    /** Runs {@code rabbitmqctl} and returns what it printed; so does the exception of a failure, or after 60 s. */
    String ctl(String... arguments);

    /** Ends it at once and removes its data. */
    @Override
    void close();
}
