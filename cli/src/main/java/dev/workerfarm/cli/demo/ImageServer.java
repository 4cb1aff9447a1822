package dev.workerfarm.cli.demo;

import static java.util.Objects.requireNonNull;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The demo's small web server on a free loopback port: four real images, each answered after {@link #DELAY}. */
final class ImageServer implements AutoCloseable {
    static final Duration DELAY = Duration.ofMillis(300); // long enough to show that the downloads run side by side

    static final List<String> NAMES = List.of("image1.jpg", "image2.jpg", "image3.jpg", "image4.jpg");

    private static final Logger LOG = LoggerFactory.getLogger(ImageServer.class);

    private final HttpServer server;
    private final ExecutorService threads =
            Executors.newFixedThreadPool(NAMES.size(), task -> new Thread(task, "workerfarm-images"));

    /** Starts it. */
    ImageServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), NAMES.size());
        NAMES.forEach(name -> server.createContext("/" + name, exchange -> answer(exchange, name)));
        server.setExecutor(threads);
        server.start();
    }

    String url(String name) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/" + name;
    }

    /** The image itself, to compare with what was downloaded. */
    static byte[] image(String name) throws IOException {
        try (var source = requireNonNull(ImageServer.class.getResourceAsStream("images/" + name), name)) {
            return source.readAllBytes();
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private static void answer(HttpExchange exchange, String name) throws IOException {
        try (exchange) {
            Thread.sleep(DELAY.toMillis());
            var image = image(name);
            exchange.getResponseHeaders().set("Content-Type", "image/jpeg");
            exchange.sendResponseHeaders(200, image.length);
            exchange.getResponseBody().write(image);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closing
        } catch (RuntimeException | Error e) { // the server would close the connection and log nothing
            LOG.error("unexpected fault, the image is not answered image={}", name, e);
        }
    }
}
