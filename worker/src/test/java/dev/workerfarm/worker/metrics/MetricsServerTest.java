package dev.workerfarm.worker.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class MetricsServerTest {
    private static final MetricsServer.Address ANYWHERE = new MetricsServer.Address("127.0.0.1", 0);

    private String trouble = "";

    private final MetricsServer server = new MetricsServer(ANYWHERE, new MetricsServer.Pages() {
        @Override
        public String metrics() {
            if (trouble.equals("fault")) {
                throw new AssertionError("on purpose");
            }
            return "workerfarm_busy 1\n";
        }

        @Override
        public String trouble() {
            return trouble;
        }
    });

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void servesTheTextFormat() throws Exception {
        var response = send("GET", "/metrics");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("text/plain; version=0.0.4; charset=utf-8");
        assertThat(response.body()).isEqualTo("workerfarm_busy 1\n");
    }

    @Test
    void aFaultInAPageEndsItsRequestOnly() throws Exception {
        trouble = "fault";
        for (int i = 0; i < 20; i++) { // more than there are threads
            assertThatThrownBy(() -> send("GET", "/metrics")).isInstanceOf(IOException.class);
        }
        trouble = "";
        assertThat(send("GET", "/metrics").statusCode()).isEqualTo(200);
    }

    @Test
    void healthIs200Or503() throws Exception {
        assertThat(send("GET", "/healthz"))
                .extracting(HttpResponse::statusCode, HttpResponse::body)
                .containsExactly(200, "ready\n");
        trouble = "not consuming: cpu-1";
        assertThat(send("GET", "/healthz"))
                .extracting(HttpResponse::statusCode, HttpResponse::body)
                .containsExactly(503, "not consuming: cpu-1\n");
    }

    @Test
    void hasNothingElse() throws Exception {
        assertThat(send("GET", "/").statusCode()).isEqualTo(404);
        assertThat(send("GET", "/metrics/x").statusCode()).isEqualTo(404);
        assertThat(send("POST", "/metrics").statusCode()).isEqualTo(405);
        assertThat(send("DELETE", "/healthz").headers().firstValue("Allow")).hasValue("GET");
    }

    @Test
    void aTakenPortNamesItsVariable() {
        assertThatThrownBy(() -> new MetricsServer(
                        new MetricsServer.Address("127.0.0.1", server.port()), new MetricsServer.Pages() {
                            @Override
                            public String metrics() {
                                return "";
                            }

                            @Override
                            public String trouble() {
                                return "";
                            }
                        }))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("FARM_METRICS_PORT: cannot listen on 127.0.0.1:" + server.port());
    }

    @Test
    void anAddressIsAPortAndTheLoopbackHost() {
        assertThat(MetricsServer.Address.from(Map.of())).isNull();
        assertThat(MetricsServer.Address.from(Map.of("FARM_METRICS_PORT", " "))).isNull();
        assertThat(MetricsServer.Address.from(Map.of("FARM_METRICS_PORT", "9464")))
                .isEqualTo(new MetricsServer.Address("127.0.0.1", 9464));
        assertThat(MetricsServer.Address.from(Map.of("FARM_METRICS_PORT", "9464", "FARM_METRICS_HOST", "0.0.0.0")))
                .isEqualTo(new MetricsServer.Address("0.0.0.0", 9464));
        for (var bad : new String[] {"tcp://10.0.0.1:9464", "65536", "-1"}) {
            assertThatThrownBy(() -> MetricsServer.Address.from(Map.of("FARM_METRICS_PORT", bad)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("FARM_METRICS_PORT: ");
        }
    }

    private HttpResponse<String> send(String method, String path) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }
}
