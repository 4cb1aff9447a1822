package dev.workerfarm.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.workerfarm.config.BrokerAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where the management API is looked for, and who gets the password. */
class ManagementApiTest {
    private static final List<QueueStatus> QUEUES = List.of(new QueueStatus("farm.tasks", 1L, null, 2, null, null));
    private static final String REALM = "Basic realm=\"RabbitMQ Management\"";

    /** What was asked: path, and a + where the password was with it. */
    private final List<String> asked = new CopyOnWriteArrayList<>();

    private HttpServer server;
    private String realm = REALM;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        var known = exchange.getRequestHeaders().containsKey("Authorization");
        asked.add(exchange.getRequestURI().getRawPath() + (known ? " +" : ""));
        var body = exchange.getRequestURI().getPath().endsWith("overview")
                ? "{\"cluster_name\":\"rabbit@here\"}"
                : "{\"messages_unacknowledged\":5}";
        exchange.getResponseHeaders().set("WWW-Authenticate", realm);
        exchange.sendResponseHeaders(known ? 200 : 401, 0);
        try (var out = exchange.getResponseBody()) {
            out.write(body.getBytes(StandardCharsets.UTF_8));
        }
    }

    private int port() {
        return server.getAddress().getPort();
    }

    private ManagementApi guessed(String brokerUrl) {
        return new ManagementApi(BrokerAddress.parse(brokerUrl), null, port());
    }

    @Test
    void keepsThePathOfTheUrlThatItWasGiven() throws Exception {
        for (var end : List.of("/rabbit", "/rabbit/")) {
            asked.clear();
            var api = new ManagementApi(
                    BrokerAddress.parse("amqp://me:secret@127.0.0.1:1/%2f"),
                    URI.create("http://127.0.0.1:" + port() + end),
                    ManagementApi.USUAL_PORT);

            assertThat(api.detail("rabbit@here", QUEUES))
                    .singleElement()
                    .extracting(QueueStatus::unacked)
                    .isEqualTo(5L);
            assertThat(asked).containsExactly("/rabbit/api/queues/%2F/farm.tasks +");
        }
    }

    @Test
    void givesThePasswordToAGuessedAddressOnceItHasIntroducedItself() throws Exception {
        assertThat(guessed("amqp://me:secret@127.0.0.1/").detail("rabbit@here", QUEUES))
                .isNotNull();
        assertThat(asked).containsExactly("/api/overview", "/api/overview +", "/api/queues/%2F/farm.tasks +");

        asked.clear();
        assertThat(guessed("amqp://me:secret@127.0.0.1/").detail("rabbit@elsewhere", QUEUES))
                .as("another broker's")
                .isNull();
        assertThat(asked).containsExactly("/api/overview", "/api/overview +");
    }

    @Test
    void givesAStrangerOnAGuessedAddressNoPassword() throws Exception {
        realm = "Basic realm=\"my router\"";

        assertThat(guessed("amqp://me:secret@127.0.0.1/").detail("rabbit@here", QUEUES))
                .isNull();
        assertThat(asked).containsExactly("/api/overview");
    }

    @Test
    void doesNotGuessForABrokerOnAnUnusualPortOrBehindTls() throws Exception {
        assertThat(guessed("amqp://me:secret@127.0.0.1:5673/").detail("rabbit@here", QUEUES))
                .isNull();
        assertThat(guessed("amqps://me:secret@127.0.0.1/").detail("rabbit@here", QUEUES))
                .isNull();
        assertThat(guessed("amqp://me:secret@127.0.0.1/").detail(null, QUEUES))
                .as("a broker that is no RabbitMQ")
                .isNull();
        assertThat(asked).isEmpty();
    }
}
