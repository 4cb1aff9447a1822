package dev.workerfarm.status;

import dev.workerfarm.broker.settings.ManagementClient;
import dev.workerfarm.config.BrokerAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Unacked messages and rates of queues, from RabbitMQ's management API where that is. One thread at a time. */
final class ManagementApi {
    static final int USUAL_PORT = ManagementClient.USUAL_PORT;

    private final ManagementClient client;

    /** As {@link ManagementClient#ManagementClient}. */
    ManagementApi(BrokerAddress broker, @Nullable URI url, int usualPort) {
        this.client = new ManagementClient(broker, url, usualPort);
    }

    ManagementClient client() {
        return client;
    }

    /** The queues with what the API knows of them; null if it is not there, or a guessed one is another broker's. */
    @Nullable
    List<QueueStatus> detail(@Nullable String clusterName, List<QueueStatus> queues) throws InterruptedException {
        var there = queues.stream()
                .filter(queue -> queue.ready() != null)
                .map(QueueStatus::name)
                .toList();
        var described = client.queues(clusterName, there);
        return described == null
                ? null
                : queues.stream()
                        .map(queue -> queue.ready() == null
                                ? queue
                                : detail(queue, described.getOrDefault(queue.name(), Map.of())))
                        .toList();
    }

    private static QueueStatus detail(QueueStatus queue, Map<?, ?> fields) {
        var rates = fields.get("message_stats") instanceof Map<?, ?> stats ? stats : Map.of();
        return new QueueStatus(
                queue.name(),
                queue.ready(),
                fields.get("messages_unacknowledged") instanceof Long unacked ? unacked : null,
                queue.consumers(),
                rate(rates, "publish_details"),
                rate(rates, "ack_details"));
    }

    private static @Nullable Double rate(Map<?, ?> stats, String name) {
        return stats.get(name) instanceof Map<?, ?> details && details.get("rate") instanceof Number rate
                ? rate.doubleValue()
                : null;
    }
}
