import com.sun.net.httpserver.HttpServer;
import dev.workerfarm.local.LocalFarm;
import dev.workerfarm.pool.AsyncResult;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.shared.SharedState;
import dev.workerfarm.task.Download;
import dev.workerfarm.task.Square;
import dev.workerfarm.task.UpdateArray;
import dev.workerfarm.task.UpdateValue;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A short tutorial on Python's {@code multiprocessing}, section by section. Each section has Python's lines in a comment
 * and the same in Java. {@link LocalFarm} starts four worker processes, a downloader, and the broker and Redis that they
 * need, all on this machine, and ends them with the program.
 */
public final class Article {
    private static final Logger LOG = LoggerFactory.getLogger(Article.class);
    private static final List<Integer> NUMBERS = List.of(1, 2, 3, 4, 5);
    private static final List<String> IMAGES = List.of("image1.jpg", "image2.jpg", "image3.jpg", "image4.jpg");

    private Article() {}

    public static void main(String[] args) throws IOException {
        String folder = Path.of("target", "images").toAbsolutePath().toString();
        // The downloader refuses addresses that are not public, unless they are allowed.
        Map<String, String> variables = Map.of("FARM_DOWNLOAD_DIR", folder, "FARM_DOWNLOAD_ALLOW", "127.0.0.1");
        try (LocalFarm farm = LocalFarm.start(4, variables)) {
            LOG.info("the farm is up processes={}", farm.workerPids().size());
            process(farm.pool());
            poolMap(farm.pool());
            applyAsync(farm.pool());
            sharedValue(farm.pool(), farm.shared());
            sharedArray(farm.pool(), farm.shared());
            parallelDownload(farm.pool());
        }
    }

    private static void process(Pool pool) {
        // def square(n): return n ** 2
        // p = Process(target=square, args=(10,))
        // p.start()
        // p.join()
        // print("Main program continues")
        AsyncResult<Number> p = pool.start(Square.TYPE, 10);
        p.join();
        System.out.println(p.get()); // a Process returns nothing; a task does
        System.out.println("Main program continues");
    }

    private static void poolMap(Pool pool) {
        // with Pool(processes=4) as pool:
        //     print(pool.map(square, [1, 2, 3, 4, 5]))
        System.out.println(pool.map(Square.TYPE, NUMBERS));
    }

    private static void applyAsync(Pool pool) {
        // results = [pool.apply_async(square, (n,)) for n in numbers]
        // for r in results:
        //     print(r.get())
        List<AsyncResult<Number>> results = new ArrayList<>();
        for (int n : NUMBERS) {
            results.add(pool.applyAsync(Square.TYPE, n));
        }
        for (AsyncResult<Number> r : results) {
            System.out.println(r.get());
        }
    }

    private static void sharedValue(Pool pool, SharedState shared) {
        // v = Value('i', 0)
        // p = Process(target=update_value, args=(v,))     v.value += 1
        // p.start(); p.join()
        // print(v.value)
        shared.value("v").set(0);
        pool.start(UpdateValue.TYPE, "v", 1).join();
        System.out.println(shared.value("v").get());
    }

    private static void sharedArray(Pool pool, SharedState shared) {
        // a = Array('i', [0, 0, 0])
        // p = Process(target=update_array, args=(a,))     a[i] += 1 for each i
        // p.start(); p.join()
        // print(a[:])
        shared.array("a").make(List.of(0, 0, 0));
        pool.start(UpdateArray.TYPE, "a", 1).join();
        System.out.println(shared.array("a").toList());
    }

    private static void parallelDownload(Pool pool) throws IOException {
        // with Pool(processes=4) as pool:
        //     pool.starmap(download_image, zip(urls, filenames))
        HttpServer server = imageServer();
        try {
            String site = "http://127.0.0.1:" + server.getAddress().getPort() + "/";
            List<List<String>> calls = new ArrayList<>();
            for (String name : IMAGES) {
                calls.add(List.of(site + name, name));
            }
            for (Download.Result result : pool.starmap(Download.TYPE, calls)) {
                System.out.println("Download complete: " + result.filename());
            }
        } finally {
            server.stop(0);
        }
    }

    /** A web server on this machine, so that the program needs no other: it answers each request with a picture. */
    private static HttpServer imageServer() throws IOException {
        ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(320, 200, BufferedImage.TYPE_INT_RGB), "jpg", jpeg);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "image/jpeg");
            exchange.sendResponseHeaders(200, jpeg.size());
            jpeg.writeTo(exchange.getResponseBody());
            exchange.close();
        });
        server.start();
        return server;
    }
}
