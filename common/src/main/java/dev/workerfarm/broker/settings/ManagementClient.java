package dev.workerfarm.broker.settings;

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
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * RabbitMQ's management API (its documentation page "Management HTTP API"), for what AMQP does not tell. Optional: whatever
 * is wrong with it is no failure. One thread at a time.
 */
public final class ManagementClient {
    public static final int USUAL_PORT = 15672;
    private static final String VARIABLE = "FARM_MANAGEMENT_URL";
    private static final Logger LOG = LoggerFactory.getLogger(ManagementClient.class);
    private static final int BROKERS_USUAL_PORT = 5672;
    private static final int UNAUTHORIZED = 401;
    private static final Duration CONNECT_TIMEOUT = Duration.ofMillis(500);
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final @Nullable URI base;
    private final boolean guessed;
    private BrokerAddress broker;
    /** Made on first use: its classes take time to load. */
    private @Nullable HttpClient client;

    /** A null URL is guessed, for a broker on its usual port; not over TLS: the password would travel in the clear. */
    public ManagementClient(BrokerAddress broker, @Nullable URI url, int usualPort) {
        this.guessed = url == null;
        this.base = url == null ? guess(broker, usualPort) : url;
        this.broker = broker;
    }

    /** The URL of {@code FARM_MANAGEMENT_URL}, or null: not set. IllegalArgumentException says what is wrong with it. */
    public static @Nullable URI url(Map<String, String> environment) {
        var url = environment.getOrDefault(VARIABLE, "").strip();
        if (url.isEmpty()) {
            return null;
        }
        URI uri;
        try {
            uri = URI.create(url);
        } catch (IllegalArgumentException e) { // no cause: it quotes what may be a password
            throw new IllegalArgumentException(VARIABLE + ": it is no URL");
        }
        if (!Set.of("http", "https").contains(String.valueOf(uri.getScheme())) || uri.getHost() == null) {
            throw new IllegalArgumentException(VARIABLE + ": it begins with http:// or https:// and a host");
        }
        if (uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    VARIABLE + ": it takes no user, ? or #; the user is that of " + BrokerAddress.VARIABLE);
        }
        return uri;
    }

    /** What the API says of each of these queues; null if it is not there, or a guessed one is another broker's. */
    public @Nullable Map<String, Map<?, ?>> queues(@Nullable String clusterName, List<String> names)
            throws InterruptedException {
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
            Map<String, Map<?, ?>> described = new HashMap<>();
            for (var name : names) {
                described.put(name, get(url, "/api/queues/" + encoded(broker.vhost()) + "/" + encoded(name)));
            }
            return described;
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
        var response = client().send(request, HttpResponse.BodyHandlers.discarding());
        var realm = response.headers().firstValue("WWW-Authenticate").orElse("");
        return response.statusCode() == UNAUTHORIZED && realm.contains("RabbitMQ");
    }

    private Map<?, ?> get(URI url, String path) throws IOException, InterruptedException {
        var user = (broker.user() + ":" + broker.password()).getBytes(StandardCharsets.UTF_8);
        var authorization = "Basic " + Base64.getEncoder().encodeToString(user);
        var request = request(url, path).header("Authorization", authorization).build();
        var response = client().send(request, HttpResponse.BodyHandlers.ofByteArray());
        if (response.statusCode() != 200 || !(Json.read(response.body()) instanceof Map<?, ?> fields)) {
            throw new IOException(path + " answered " + response.statusCode());
        }
        return fields;
    }

    private HttpClient client() {
        var made = client;
        if (made == null) {
            made = HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build();
            client = made;
        }
        return made;
    }

    private static HttpRequest.Builder request(URI url, String path) {
        var start = url.toString().replaceFirst("/+$", "");
        return HttpRequest.newBuilder(URI.create(start + path)).timeout(TIMEOUT);
    }

    private static String encoded(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
