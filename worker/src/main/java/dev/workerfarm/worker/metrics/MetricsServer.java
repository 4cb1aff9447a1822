package dev.workerfarm.worker.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.workerfarm.loop.Loop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers {@code GET /metrics} and {@code GET /healthz}, a few at a time. Whoever starts it closes it. */
public final class MetricsServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MetricsServer.class);
    private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";
    private static final String TEXT_TYPE = "text/plain; charset=utf-8";
    private static final int MAX_THREADS = 8;
    private static final int MAX_REQUEST_SECONDS = 5;

    public interface Pages {
        String metrics() throws InterruptedException;

        /** What is wrong, in one line; empty if nothing is. */
        String trouble();
    }

    private final HttpServer server;
    private final ExecutorService threads;

    /** Listens from now on; an IllegalArgumentException names the variable if that cannot be. */
    public MetricsServer(Address address, Pages pages) {
        // The JDK's server takes its limits from these alone, once a JVM.
        setDefault("sun.net.httpserver.maxReqTime", MAX_REQUEST_SECONDS);
        setDefault("sun.net.httpserver.maxRspTime", MAX_REQUEST_SECONDS);
        setDefault("jdk.httpserver.maxConnections", 8 * MAX_THREADS);
        System.setProperty("sun.net.httpserver.nodelay", "true");
        try {
            this.server = HttpServer.create(new InetSocketAddress(address.host(), address.port()), 0);
        } catch (IOException | IllegalArgumentException e) { // the latter for a host of no address
            var where = address.host() + ":" + address.port();
            throw new IllegalArgumentException(Address.PORT + ": cannot listen on " + where + ": " + e.getMessage(), e);
        }
        var count = new AtomicInteger();
        ThreadFactory factory = task -> Loop.daemon("workerfarm-metrics-" + count.incrementAndGet(), task);
        var pool = new ThreadPoolExecutor(1, MAX_THREADS, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), factory);
        pool.prestartCoreThread(); // one answers also where the system has no thread left for others
        this.threads = pool;
        server.setExecutor(threads);
        var failing = new AtomicBoolean();
        server.createContext("/", exchange -> {
            try (exchange) {
                answer(exchange, pages);
                failing.set(false);
            } catch (RuntimeException | Error e) { // the JDK's server would end the exchange without a word
                if (!failing.getAndSet(true)) { // of faults that follow each other only the first is logged
                    LOG.error("unexpected fault, the metrics server goes on path={}", exchange.getRequestURI(), e);
                }
            }
        });
        server.start();
        LOG.info("metrics host={} port={}", address.host(), server.getAddress().getPort());
    }

    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private static void answer(HttpExchange exchange, Pages pages) throws IOException {
        if (!exchange.getRequestMethod().equals("GET")) {
            exchange.getResponseHeaders().set("Allow", "GET");
            send(exchange, 405, TEXT_TYPE, "only GET\n");
            return;
        }
        switch (exchange.getRequestURI().getPath()) {
            case "/metrics" -> sendMetrics(exchange, pages);
            case "/healthz" -> {
                var trouble = pages.trouble();
                var isReady = trouble.isEmpty();
                send(exchange, isReady ? 200 : 503, TEXT_TYPE, (isReady ? "ready" : trouble) + "\n");
            }
            default -> send(exchange, 404, TEXT_TYPE, "here are /metrics and /healthz\n");
        }
    }

    private static void sendMetrics(HttpExchange exchange, Pages pages) throws IOException {
        try {
            send(exchange, 200, METRICS_TYPE, pages.metrics());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            send(exchange, 503, TEXT_TYPE, "stopping\n");
        }
    }

    private static void send(HttpExchange exchange, int status, String type, String text) throws IOException {
        var body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    private static void setDefault(String property, int value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, Integer.toString(value));
        }
    }

    /** Where a worker says how it does; port 0 is any free one. */
    public record Address(String host, int port) {
        static final String PORT = "FARM_METRICS_PORT";
        private static final String HOST = "FARM_METRICS_HOST";
        private static final String LOOPBACK = "127.0.0.1";

        public Address {
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException(PORT + ": " + port + " is not within 0 to 65535");
            }
        }

        /** Reads {@code FARM_METRICS_PORT} and {@code FARM_METRICS_HOST}; null without a port: nothing listens then. */
        public static @Nullable Address from(Map<String, String> environment) {
            var port = environment.getOrDefault(PORT, "").strip();
            if (port.isEmpty()) {
                return null;
            }
            var host = environment.getOrDefault(HOST, "").strip();
            try {
                return new Address(host.isEmpty() ? LOOPBACK : host, Integer.parseInt(port));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(PORT + ": '" + port + "' is no whole number", e);
            }
        }
    }
}
