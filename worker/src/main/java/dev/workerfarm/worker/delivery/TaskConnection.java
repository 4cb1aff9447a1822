package dev.workerfarm.worker.delivery;

import dev.workerfarm.worker.config.ConsumerTimeout;
import java.io.IOException;

/** A connection to the broker, while it lasts, as a {@link TaskConsumer} needs it. Threads may share it. */
public interface TaskConnection {
    void declare() throws IOException;

    /** How a task may run longer than this timeout of the broker's. */
    ConsumerTimeout.Means means(ConsumerTimeout timeout);

    /**
     * Checks how many channels the broker allows.
     *
     * @param needed with fewer an IOException says so
     * @param wanted with fewer a warning does
     */
    void checkChannels(int needed, int wanted) throws IOException;

    /** Opens a channel, or throws NoChannelException. When the broker closes it, the whole connection counts as lost. */
    TaskChannel openChannel() throws IOException;

    /** Opens a channel, or throws NoChannelException, for a question that the broker may answer by closing it; the connection stays. */
    TaskChannel openProbe() throws IOException;

    /**
     * Whether a consumer of the queue may have nothing to do, as far as the broker can say.
     *
     * @param consumers how many of the queue's consumers are this process's
     * @param held how many of its messages this process holds
     */
    boolean mayOthersBeIdle(String queue, int consumers, int held) throws IOException;

    /** Gives the connection up, as if it had been lost: another is opened. */
    void reopen();
}
