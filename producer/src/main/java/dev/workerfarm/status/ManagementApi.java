package dev.workerfarm.status;

import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * RabbitMQ's management API (its documentation page "Management HTTP API"), for what AMQP does not tell: unacked messages
 * and rates. Optional: whatever is wrong with it is no failure. One thread at a time.
 */
final class ManagementApi {
    private static final Logger LOG = LoggerFactory.getLogger(ManagementApi.class);
    private static final int BROKERS_USUAL_PORT = 5672;
    static final int USUAL_PORT = 15672;
    private static final int UNAUTHORIZED = 401;
    private static final Duration CONNECT_TIMEOUT = Duration.ofMillis(500);
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final @Nullable URI base;
    private final boolean guessed;
    private BrokerAddress broker;
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build();

    /** A null URL is guessed, for a broker on its usual port; not over TLS: the password would travel in the clear. */
    ManagementApi(BrokerAddress broker, @Nullable URI url, int usualPort) {
        this.guessed = url == null;
        this.base = url == null ? guess(broker, usualPort) : url;
        this.broker = broker;
    }

    /** The queues with what the API knows of them; null if it is not there, or a guessed one is another broker's. */
    @Nullable
    List<QueueStatus> detail(@Nullable String clusterName, List<QueueStatus> queues) throws InterruptedException {
        try {
            var url = base;
            if (url == null || clusterName == null) {
                return null;
            }
            broker = broker.readAgain();
            if (guessed
                    && !(introducesItself(url)
                            && clusterName.equals(get(url, "/api/overview").get("cluster_name")))) {
                LOG.debug("no management API, or another broker's url={}", url);
                return null;
            }
            List<QueueStatus> detailed = new ArrayList<>();
            for (var queue : queues) {
                detailed.add(queue.ready() == null ? queue : detail(url, queue));
            }
            return detailed;
        } catch (IOException | DecodeException | IllegalArgumentException e) {
            LOG.debug("no management API reason={}", e.toString());
            return null;
        }
    }

    private static @Nullable URI guess(BrokerAddress broker, int usualPort) {
        var host = broker.hosts().get(0);
        var name = host.name().contains(":") && !host.name().startsWith("[") ? "[" + host.name() + "]" : host.name();
        return broker.tls() || host.port() != BROKERS_USUAL_PORT
                ? null
                : URI.create("http://" + name + ":" + usualPort);
    }

    /** Whether RabbitMQ's management says that it is there; asked without the password, which is not for anybody else. */
    private boolean introducesItself(URI url) throws IOException, InterruptedException {
        var request = request(url, "/api/overview").build();
        var response = client.send(request, HttpResponse.BodyHandlers.discarding());
        var realm = response.headers().firstValue("WWW-Authenticate").orElse("");
        return response.statusCode() == UNAUTHORIZED && realm.contains("RabbitMQ");
    }

    private QueueStatus detail(URI url, QueueStatus queue) throws IOException, InterruptedException {
        var fields = get(url, "/api/queues/" + encoded(broker.vhost()) + "/" + encoded(queue.name()));
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

    private Map<?, ?> get(URI url, String path) throws IOException, InterruptedException {
        var user = (broker.user() + ":" + broker.password()).getBytes(StandardCharsets.UTF_8);
        var authorization = "Basic " + Base64.getEncoder().encodeToString(user);
        var request = request(url, path).header("Authorization", authorization).build();
        var response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        if (response.statusCode() != 200 || !(Json.read(response.body()) instanceof Map<?, ?> fields)) {
            throw new IOException(path + " answered " + response.statusCode());
        }
        return fields;
    }

    private static HttpRequest.Builder request(URI url, String path) {
        var start = url.toString().replaceFirst("/+$", "");
        return HttpRequest.newBuilder(URI.create(start + path)).timeout(TIMEOUT);
    }

    private static String encoded(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
