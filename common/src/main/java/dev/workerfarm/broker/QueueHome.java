package dev.workerfarm.broker;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.broker.SupervisedConnection.OpenConnection;
import dev.workerfarm.loop.Loop;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a queue exists, and whether its messages can be reached: a classic queue lives on one node of a cluster. While that
 * node is down RabbitMQ 3 returns what is published to the queue where it is mandatory, and drops it else; RabbitMQ 4 refuses it
 * by a nack, and does not answer a question about the queue for a minute. Neither answers while the node is frozen.
 *
 * @param downNode the node that has the queue and is down, or null: the queue takes messages, or does not exist
 */
public record QueueHome(boolean exists, @Nullable String downNode) {
    private static final Logger LOG = LoggerFactory.getLogger(QueueHome.class);
    /** A question is answered in milliseconds where the queue's node is well. Waited for twice. */
    private static final long PATIENCE_MILLIS = 1_500;

    /**
     * RabbitMQ: "home node 'rabbit@b' of durable queue 'q' in vhost '/' is down or inaccessible"; and of a queue that is there,
     * "failed to perform operation on queue 'q' in vhost '/' due to timeout". Both are a "not found".
     */
    private static final Pattern HOME = Pattern.compile("home node '([^']*)'|failed to perform operation");

    private static final String UNKNOWN = "unknown";

    public boolean isDown() {
        return downNode != null;
    }

    /**
     * Asks the broker (AMQP 0-9-1, queue.declare passive), for 3 s where it answers other questions. An IOException: it does not
     * answer those, or refuses this one. Threads may share the connection.
     */
    public static QueueHome of(OpenConnection connection, String queue) throws IOException {
        var unknown = new QueueHome(true, "unknown (" + queue + " does not answer)");
        var before = connection.unanswered.get(queue);
        if (before != null && !before.isDone()) { // another question would need another channel
            return unknown;
        }
        var probe = connection.openProbe();
        var answer = probe.asyncCompletableRpc(
                new AMQP.Queue.Declare.Builder().queue(queue).passive().build());
        try {
            if (isSilent(answer)) {
                answer.whenCompleteAsync( // a channel that waits for an answer cannot be closed
                        (there, refusal) -> {
                            connection.unanswered.remove(queue, answer);
                            abort(probe);
                        },
                        end -> Loop.daemon("workerfarm-probe", end).start());
                connection.openProbe().abort(); // unless the broker is silent altogether
                if (isSilent(answer)) {
                    connection.unanswered.put(queue, answer);
                    return unknown;
                }
            }
        } catch (CompletionException e) {
            if (!PresentConnection.isRefused(e, AMQP.NOT_FOUND)) {
                throw new IOException(e.getCause());
            }
            var node = downNode(e);
            return UNKNOWN.equals(node) ? unknown : new QueueHome(node != null, node);
        }
        probe.abort();
        return new QueueHome(true, null);
    }

    private static boolean isSilent(CompletableFuture<?> answer) {
        try {
            answer.copy().orTimeout(PATIENCE_MILLIS, TimeUnit.MILLISECONDS).join();
            return false;
        } catch (CompletionException e) {
            if (e.getCause() instanceof TimeoutException) {
                return true;
            }
            throw e;
        }
    }

    private static void abort(Channel probe) {
        try {
            probe.abort();
        } catch (IOException e) {
            LOG.debug("probe not closed reason={}", e.toString());
        }
    }

    /** The node that is down, if the broker refused something for that reason; null: it did not. */
    static @Nullable String downNode(Throwable refusal) {
        var home = HOME.matcher(
                String.valueOf(refusal.getCause() instanceof ShutdownSignalException signal ? signal.getReason() : ""));
        return home.find() ? Objects.requireNonNullElse(home.group(1), UNKNOWN) : null;
    }
}
