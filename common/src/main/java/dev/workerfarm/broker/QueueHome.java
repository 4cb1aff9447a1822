package dev.workerfarm.broker;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.broker.SupervisedConnection.OpenConnection;
import java.io.IOException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whether a queue exists, and whether its messages can be reached: a classic queue lives on one node of a cluster, and while
 * that node is down RabbitMQ drops what is published to the queue, or returns it where it is mandatory.
 *
 * @param downNode the node that has the queue and is down, or null: the queue takes messages, or does not exist
 */
public record QueueHome(boolean exists, @Nullable String downNode) {
    /** RabbitMQ: "home node 'rabbit@b' of durable queue 'q' in vhost '/' is down or inaccessible". */
    private static final Pattern HOME = Pattern.compile("home node '([^']*)'");

    public boolean isDown() {
        return downNode != null;
    }

    /** Asks the broker (AMQP 0-9-1, queue.declare passive). An IOException: it does not answer, or refuses the question. */
    public static QueueHome of(OpenConnection connection, String queue) throws IOException {
        var probe = connection.openProbe();
        try {
            probe.queueDeclarePassive(queue);
            return new QueueHome(true, null);
        } catch (IOException e) {
            if (!PresentConnection.isRefused(e, AMQP.NOT_FOUND)) {
                throw e;
            }
            var node = downNode(e);
            return new QueueHome(node != null, node);
        } finally {
            probe.abort();
        }
    }

    /** The node that is down, if the broker refused something for that reason; null: it did not. */
    static @Nullable String downNode(Throwable refusal) {
        var home = HOME.matcher(
                String.valueOf(refusal.getCause() instanceof ShutdownSignalException signal ? signal.getReason() : ""));
        return home.find() ? home.group(1) : null;
    }
}
