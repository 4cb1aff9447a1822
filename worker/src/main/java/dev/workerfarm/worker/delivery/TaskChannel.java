package dev.workerfarm.worker.delivery;

import com.rabbitmq.client.AMQP;
import java.io.IOException;
import java.util.Map;

/**
 * A broker's channel as a {@link Subscription} needs it: one consumer of one queue. Every method may throw
 * {@link com.rabbitmq.client.ShutdownSignalException} once the channel is lost. Threads may share it.
 */
public interface TaskChannel {
    /** Takes what the consumer gets, one after the other, on the connection's thread. */
    interface Receiver {
        void delivered(long tag, boolean redelivered, AMQP.BasicProperties properties, byte[] body);

        /** The last delivery came before this: the consumer was cancelled by {@link TaskChannel#cancel}. */
        void cancelled();

        /** The broker cancelled the consumer, such as where its queue was deleted. */
        void cancelledByBroker();
    }

    /** Declares a queue of this process for copies of messages from {@code origin}. */
    void declareCopies(String copies, String origin) throws IOException;

    /** Starts consuming, once, with so many unsettled deliveries at the most; 0: any number. */
    void consume(String queue, int prefetch, Map<String, Object> arguments, Receiver receiver) throws IOException;

    /** From now on the whole connection counts as lost when the broker closes this channel. */
    void watch();

    /** Whether the broker refused what was asked, and closed the channel and nothing else. */
    boolean hasRefused(IOException failure);

    /** Stops consuming. */
    void cancel() throws IOException;

    /** Acks a delivery, and all before it if {@code multiple}. */
    void ack(long tag, boolean multiple) throws IOException;

    /** Gives a delivery back to its queue. */
    void giveBack(long tag) throws IOException;

    /** Closes the channel whatever state it is in. */
    void close();
}
