package dev.workerfarm.worker.delivery;

import com.rabbitmq.client.Consumer;
import java.io.IOException;
import java.util.Map;

/** A broker's channel with one consumer; any method may throw ShutdownSignalException once it is lost. Thread-safe. */
public interface TaskChannel {
    /** Declares a queue of this process for copies of messages from {@code origin}. */
    void declareCopies(String copies, String origin) throws IOException;

    /** Starts consuming, once, on the connection's thread, with so many unsettled deliveries at the most; 0: any number. */
    void consume(String queue, int prefetch, Map<String, Object> arguments, Consumer consumer) throws IOException;

    /** From now on the whole connection counts as lost when the broker closes this channel. */
    void watch();

    /** Whether the broker refused what was asked, and closed the channel and nothing else. */
    boolean hasRefused(IOException failure);

    void cancel() throws IOException;

    /** Acks a delivery, and all before it if {@code multiple}. */
    void ack(long tag, boolean multiple) throws IOException;

    void giveBack(long tag) throws IOException;

    /** Closes the channel whatever state it is in. */
    void close();
}
