package dev.workerfarm.worker.download;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/** An HTTP server on 127.0.0.1 that knows what it was asked for. */
final class TestServer implements AutoCloseable {
    final Queue<HttpExchange> requests = new ConcurrentLinkedQueue<>();
    /** What a handler waits for that must not end by itself. */
    final CountDownLatch closed = new CountDownLatch(1);

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    TestServer() throws IOException {
        this(HttpServer.create(loopback(), 0));
    }

    TestServer(SSLContext tls) throws IOException {
        this(https(tls));
    }

    private TestServer(HttpServer server) {
        this.server = server;
        server.setExecutor(threads);
        server.start();
    }

    TestServer on(String path, Handler handler) {
        server.createContext(path, exchange -> {
            try (exchange) {
                requests.add(exchange);
                handler.handle(exchange);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        return this;
    }

    TestServer file(String path, byte[] content) {
        return on(path, exchange -> respond(exchange, 200, content));
    }

    TestServer redirect(String path, int status, String location) {
        return on(path, exchange -> {
            exchange.getResponseHeaders().set("Location", location);
            exchange.sendResponseHeaders(status, -1);
        });
    }

    static void respond(HttpExchange exchange, int status, byte[] content) throws IOException {
        exchange.sendResponseHeaders(status, content.length == 0 ? -1 : content.length);
        try (OutputStream body = exchange.getResponseBody()) {
            body.write(content);
        }
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** The URL of a path, by a name that {@link FakeDns} may know. */
    String url(String host, String path) {
        return (server instanceof HttpsServer ? "https://" : "http://") + host + ":" + port() + path;
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private static HttpsServer https(SSLContext tls) throws IOException {
        HttpsServer server = HttpsServer.create(loopback(), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        return server;
    }

    private static InetSocketAddress loopback() throws IOException {
        return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0);
    }

    interface Handler {
        void handle(HttpExchange exchange) throws IOException, InterruptedException;
    }
}
