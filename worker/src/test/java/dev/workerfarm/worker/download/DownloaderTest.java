package dev.workerfarm.worker.download;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import dev.workerfarm.task.Download;
import dev.workerfarm.task.Task;
import dev.workerfarm.worker.download.address.AllowList;
import dev.workerfarm.worker.run.NoContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is fetched and what is left on the disk. Where it may connect is in {@link DownloaderGuardTest}. */
@Timeout(60)
class DownloaderTest {
    private static final byte[] CONTENT = "content".getBytes(UTF_8);
    private static final AllowList LOOPBACK = AllowList.parse("127.0.0.0/8");

    @TempDir
    Path temporary;

    private Path folder;
    private TestServer server;
    private Downloader downloader;

    @BeforeEach
    void start() throws IOException {
        folder = temporary.resolve("downloads");
        server = new TestServer();
        downloader = downloader(DownloadConfig.Limits.DEFAULT);
    }

    @AfterEach
    void stop() {
        downloader.close();
        server.close();
    }

    @Test
    void writesTheFileAndTellsAllAboutIt() throws Exception {
        server.on("/a/image.png", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "image/png");
            TestServer.respond(exchange, 200, CONTENT);
        });

        Download.Result result = downloader.download(url("/a/image.png?size=2"), null);

        assertThat(result.path()).isEqualTo(folder.resolve("image.png").toString());
        assertThat(result.filename()).isEqualTo("image.png");
        assertThat(result.bytes()).isEqualTo(7);
        assertThat(result.sha256()).isEqualTo(sha256(CONTENT));
        assertThat(result.contentType()).isEqualTo("image/png");
        assertThat(result.url()).isEqualTo(url("/a/image.png?size=2"));
        assertThat(result.status()).isEqualTo(200);
        assertThat(result.ms()).isNotNegative();
        assertThat(folder.resolve("image.png")).hasBinaryContent(CONTENT);
        assertThat(files()).containsExactly("image.png");
    }

    @Test
    void servesTheTask() throws Exception {
        server.file("/image.png", CONTENT);
        Task<Download, Download.Result> task = downloader;

        Download.Result result = task.run(new Download(url("/image.png"), "image1.jpg"), new NoContext());

        assertThat(task.type()).isSameAs(Download.TYPE);
        assertThat(result.filename()).isEqualTo("image1.jpg");
        assertThat(files()).containsExactly("image1.jpg");
    }

    @Test
    void writesAnEmptyFileForAnEmptyBody() throws Exception {
        server.file("/empty", new byte[0]);

        assertThat(downloader.download(url("/empty"), null).bytes()).isZero();
        assertThat(folder.resolve("empty")).isEmptyFile();
    }

    @Test
    void givesTheFileTheModeOfAnOrdinaryOne() throws Exception {
        server.file("/file", CONTENT);
        Path ordinary = Files.createFile(temporary.resolve("ordinary"));

        downloader.download(url("/file"), null);

        assertThat(Files.getPosixFilePermissions(folder.resolve("file")))
                .isEqualTo(Files.getPosixFilePermissions(ordinary));
    }

    @Test
    void inflatesWhatCameCompressed() throws Exception {
        server.on("/file.txt", exchange -> respondGzipped(exchange, 1000));

        Download.Result result = downloader.download(url("/file.txt"), null);

        assertThat(result.bytes()).isEqualTo(1000);
        assertThat(result.sha256()).isEqualTo(sha256(new byte[1000]));
        assertThat(folder.resolve("file.txt")).hasBinaryContent(new byte[1000]);
    }

    @Test
    void replacesAnExistingFile() throws Exception {
        server.file("/file", CONTENT);
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("file"), "something older and longer");

        downloader.download(url("/file"), null);

        assertThat(folder.resolve("file")).hasBinaryContent(CONTENT);
        assertThat(files()).containsExactly("file");
    }

    @Test
    void keepsAnExistingFileWhenTheDownloadFails() throws Exception {
        server.on("/file", exchange -> respondTruncated(exchange));
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("file"), "older");

        assertFails(url("/file"), null);

        assertThat(folder.resolve("file")).hasContent("older");
        assertThat(files()).containsExactly("file");
    }

    @Test
    void replacesASymbolicLinkAndNotWhatItPointsTo() throws Exception {
        server.file("/file", CONTENT);
        Path outside = Files.writeString(temporary.resolve("outside"), "untouched");
        Files.createDirectories(folder);
        Files.createSymbolicLink(folder.resolve("file"), outside);

        downloader.download(url("/file"), null);

        assertThat(outside).hasContent("untouched");
        assertThat(folder.resolve("file")).hasBinaryContent(CONTENT).matches(path -> !Files.isSymbolicLink(path));
    }

    @Test
    void replacesASymbolicLinkToADirectoryAndWritesNothingThere() throws Exception {
        server.file("/file", CONTENT);
        Path outside = Files.createDirectory(temporary.resolve("outside"));
        Files.createDirectories(folder);
        Files.createSymbolicLink(folder.resolve("file"), outside);

        downloader.download(url("/file"), null);

        assertThat(outside).isEmptyDirectory();
        assertThat(Files.isRegularFile(folder.resolve("file"), LinkOption.NOFOLLOW_LINKS))
                .isTrue();
    }

    @Test
    void refusesToReplaceADirectory() throws Exception {
        server.file("/file", CONTENT);
        Files.createDirectories(folder.resolve("file"));

        assertThat(assertFails(url("/file"), null))
                .isEqualTo("cannot write " + folder.resolve("file") + ": it is a directory");
        assertThat(files()).containsExactly("file");
    }

    @Test
    void namesTheFolderThatCannotBeMade() throws Exception {
        server.file("/file", CONTENT);
        Files.writeString(folder, "a file where the folder should be");

        assertThat(assertFails(url("/file"), null))
                .startsWith("cannot write to the download folder " + folder + " (FARM_DOWNLOAD_DIR): ");
    }

    @Test
    void keepsAHostileNameInTheFolder() throws Exception {
        server.file("/file", CONTENT);

        Download.Result result = downloader.download(url("/file"), "../../outside");

        assertThat(result.path()).isEqualTo(folder.resolve("_._.._outside").toString());
        assertThat(files()).containsExactly("_._.._outside");
    }

    @Test
    void reportsAStatusThatIsNoSuccess() throws Exception {
        server.on("/gone", exchange -> TestServer.respond(exchange, 404, CONTENT));

        assertThat(assertFails(url("/gone"), null)).isEqualTo("HTTP 404 for " + url("/gone"));
        assertThat(files()).isEmpty();
    }

    @Test
    void leavesNoFileOfATruncatedBody() throws Exception {
        server.on("/file", exchange -> respondTruncated(exchange));

        assertThat(assertFails(url("/file"), null)).startsWith("broken answer from " + url("/file"));
        assertThat(files()).isEmpty();
    }

    @Test
    void reportsAServerThatHangsUpWithoutAnAnswer() throws Exception {
        server.on("/file", exchange -> {}); // closing the exchange closes the connection

        assertThat(assertFails(url("/file"), null)).startsWith("broken answer from " + url("/file"));
    }

    @Test
    void takesAFileOfExactlyTheLimit() throws Exception {
        server.on("/file", exchange -> respondChunked(exchange, 1000));
        downloader = downloader(DownloadConfig.Limits.DEFAULT.withMaxBytes(1000));

        assertThat(downloader.download(url("/file"), null).bytes()).isEqualTo(1000);
    }

    @Test
    void stopsBeforeTheBodyIfItsLengthIsTooLarge() throws Exception {
        server.on("/file", exchange -> {
            exchange.sendResponseHeaders(200, 1001);
            exchange.getResponseBody().flush();
            server.closed.await();
        });
        downloader = downloader(DownloadConfig.Limits.DEFAULT.withMaxBytes(1000));

        assertThat(assertFails(url("/file"), null)).isEqualTo("larger than 1000 bytes: " + url("/file"));
        assertThat(files()).isEmpty();
    }

    @Test
    void stopsABodyWithoutLengthAtTheLimit() throws Exception {
        server.on("/file", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            while (true) {
                exchange.getResponseBody().write(new byte[1000]); // until nobody reads any more
            }
        });
        downloader = downloader(DownloadConfig.Limits.DEFAULT.withMaxBytes(1_000_000));

        assertThat(assertFails(url("/file"), null)).isEqualTo("larger than 1000000 bytes: " + url("/file"));
        assertThat(files()).isEmpty();
    }

    @Test
    void stopsACompressionBombAtTheLimit() throws Exception {
        server.on("/file", exchange -> respondGzipped(exchange, 50_000_000));
        downloader = downloader(DownloadConfig.Limits.DEFAULT.withMaxBytes(1_000_000));

        assertThat(assertFails(url("/file"), null)).isEqualTo("larger than 1000000 bytes: " + url("/file"));
        assertThat(files()).isEmpty();
    }

    @Test
    void givesUpOnASilentServer() throws Exception {
        server.on("/file", exchange -> server.closed.await());
        downloader = downloader(limits(10_000, 200, 600_000));

        assertThat(assertFails(url("/file"), null))
                .isEqualTo("timed out after 200 ms without data from " + url("/file"));
    }

    @Test
    void givesUpOnAServerThatGoesOnForEver() throws Exception {
        server.on("/file", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            while (!server.closed.await(10, TimeUnit.MILLISECONDS)) {
                exchange.getResponseBody().write('x');
                exchange.getResponseBody().flush();
            }
        });
        downloader = downloader(limits(10_000, 30_000, 500));

        assertThat(assertFails(url("/file"), null)).isEqualTo("timed out after 500 ms in all for " + url("/file"));
        assertThat(files()).isEmpty();
    }

    @Test
    void givesUpOnAnAddressThatDoesNotAnswer() throws Exception {
        List<Socket> waiting = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            InetSocketAddress address = (InetSocketAddress) full.getLocalSocketAddress();
            fillBacklog(address, waiting);
            downloader = downloader(limits(200, 30_000, 600_000));

            assertThat(assertFails("http://127.0.0.1:" + address.getPort() + "/", null))
                    .isEqualTo("timed out after 200 ms connecting to 127.0.0.1, port " + address.getPort());
        } finally {
            for (Socket socket : waiting) {
                socket.close();
            }
        }
    }

    @Test
    void saysThatNobodyListens() throws Exception {
        int port;
        try (ServerSocket unused = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = unused.getLocalPort();
        }

        assertThat(assertFails("http://127.0.0.1:" + port + "/", null))
                .isEqualTo("cannot connect to 127.0.0.1, port " + port + ": Connection refused");
    }

    @Test
    void saysThatAHostIsUnknown() throws Exception {
        OkHttpClient base =
                new OkHttpClient.Builder().dns(new FakeDns(Map.of())).build();
        downloader =
                new Downloader(new DownloadConfig(folder, AllowList.NONE, DownloadConfig.Limits.DEFAULT), () -> base);

        assertThat(assertFails("http://example.invalid/", null)).isEqualTo("unknown host example.invalid");
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/passwd", "ftp://example.com/x", "gopher://example.com/", "example.com/x", ""})
    void refusesOtherSchemes(String url) throws Exception {
        assertThat(assertFails(url, null)).isEqualTo("not an http or https URL: " + url);
    }

    @Test
    void refusesALongUrl() throws Exception {
        assertThat(assertFails("http://example.com/" + "x".repeat(8192), null))
                .isEqualTo("URL longer than 8192 characters");
    }

    @Test
    void sendsNoCredentialsAndTellsNobodyOfThem() throws Exception {
        server.on("/gone", exchange -> TestServer.respond(exchange, 404, CONTENT));
        server.on("/protected", exchange -> {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=x");
            TestServer.respond(exchange, 401, CONTENT);
        });
        server.file("/there", CONTENT);
        String secret = "http://user:secret@127.0.0.1:" + server.port();

        assertThat(assertFails(secret + "/gone", null)).isEqualTo("HTTP 404 for " + url("/gone"));
        assertThat(assertFails(secret + "/protected", null)).isEqualTo("HTTP 401 for " + url("/protected"));
        assertThat(assertFails("http://user:secret@bad host/", null)).doesNotContain("secret");
        assertThat(assertFails("ftp://user:secret@host/", null)).doesNotContain("secret");
        assertThat(downloader.download(secret + "/there", null).url()).isEqualTo(url("/there"));
        assertThat(server.requests)
                .hasSize(3)
                .allSatisfy(request -> assertThat(request.getRequestHeaders())
                        .doesNotContainKeys("Authorization", "Cookie", "Referer"));
    }

    @Test
    void sendsNoCookiesBack() throws Exception {
        server.on("/first", exchange -> {
            exchange.getResponseHeaders().set("Set-Cookie", "id=1");
            exchange.getResponseHeaders().set("Location", "/second");
            exchange.sendResponseHeaders(302, -1);
        });
        server.file("/second", CONTENT);

        downloader.download(url("/first"), null);

        assertThat(server.requests)
                .hasSize(2)
                .allSatisfy(request -> assertThat(request.getRequestHeaders()).doesNotContainKey("Cookie"));
    }

    @Test
    void anInterruptCancelsADownloadAndLeavesNothing() throws Exception {
        server.on("/file", exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write(CONTENT);
            exchange.getResponseBody().flush();
            server.closed.await();
        });
        Interruptible running = Interruptible.start(() -> downloader.download(url("/file"), null));
        await().until(() -> files().size() == 1);

        running.interrupt();

        running.assertInterrupted();
        assertThat(files()).isEmpty();
    }

    @Test
    void anInterruptCancelsTheWaitForAnAnswer() throws Exception {
        server.on("/file", exchange -> server.closed.await());
        Interruptible running = Interruptible.start(() -> downloader.download(url("/file"), null));
        await().until(() -> server.requests.size() == 1);

        running.interrupt();

        running.assertInterrupted();
    }

    @Test
    void anInterruptEndsTheWaitForANameServer() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        OkHttpClient base = new OkHttpClient.Builder()
                .dns(host -> {
                    asked.countDown();
                    awaitUninterruptibly(server.closed); // as a lookup in the C library does
                    return List.of(InetAddress.getLoopbackAddress());
                })
                .build();
        downloader = new Downloader(new DownloadConfig(folder, LOOPBACK, DownloadConfig.Limits.DEFAULT), () -> base);
        Interruptible running = Interruptible.start(() -> downloader.download("http://slow.test/", null));
        asked.await();

        running.interrupt();

        running.assertInterrupted();
    }

    @Test
    void closingCancelsWhatRuns() throws Exception {
        server.on("/file", exchange -> server.closed.await());
        Interruptible running = Interruptible.start(() -> downloader.download(url("/file"), null));
        await().until(() -> server.requests.size() == 1);

        downloader.close();

        assertThatExceptionOfType(DownloadException.class)
                .isThrownBy(running::result)
                .withMessage("cancelled: " + url("/file"));
        assertThatIllegalStateException().isThrownBy(() -> downloader.download(url("/file"), null));
    }

    @Test
    void deletesOldLeftoversOfKilledProcessesOnly() throws Exception {
        Files.createDirectories(folder);
        Path old = Files.writeString(folder.resolve(".part-old"), "x");
        Path other = Files.writeString(folder.resolve("old-file"), "x");
        Files.writeString(folder.resolve(".part-being-written"), "x");
        FileTime yesterday = FileTime.from(Instant.now().minus(Duration.ofDays(1)));
        Files.setLastModifiedTime(old, yesterday);
        Files.setLastModifiedTime(other, yesterday);

        downloader(DownloadConfig.Limits.DEFAULT).close();

        assertThat(files()).containsExactlyInAnyOrder(".part-being-written", "old-file");
    }

    @Test
    void manyThreadsGetTheirFilesByteForByte() throws Exception {
        server.on(
                "/random/",
                exchange -> TestServer.respond(
                        exchange, 200, randomBytes(exchange.getRequestURI().getPath())));
        ExecutorService threads = Executors.newFixedThreadPool(16);
        try {
            List<Callable<Download.Result>> calls = new ArrayList<>();
            for (int i = 0; i < 16 * 20; i++) {
                String path = "/random/" + i;
                calls.add(() -> downloader.download(url(path), null));
            }

            for (Future<Download.Result> call : threads.invokeAll(calls)) {
                Download.Result result = call.get();
                byte[] expected = randomBytes("/random/" + result.filename());
                assertThat(Path.of(result.path())).hasBinaryContent(expected);
                assertThat(result.sha256()).isEqualTo(sha256(expected));
            }
            assertThat(files()).hasSize(16 * 20);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aRaceForOneNameEndsWithOneWholeFile() throws Exception {
        server.on(
                "/random/",
                exchange -> TestServer.respond(
                        exchange, 200, randomBytes(exchange.getRequestURI().getPath())));
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Download.Result>> calls = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                String path = "/random/" + i;
                calls.add(() -> downloader.download(url(path), "same"));
            }
            List<String> digests = new ArrayList<>();
            for (Future<Download.Result> call : threads.invokeAll(calls)) {
                digests.add(call.get().sha256());
            }

            assertThat(digests).contains(sha256(Files.readAllBytes(folder.resolve("same"))));
            assertThat(files()).containsExactly("same");
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void saysSoWhenTheFolderMayNotBeWritten() throws Exception {
        server.file("/file", CONTENT);
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
        if (Files.isWritable(folder)) { // by root, who may write everywhere but there:
            folder = Path.of("/proc/self/fd");
            downloader = downloader(DownloadConfig.Limits.DEFAULT);
        }

        assertThat(assertFails(url("/file"), null)).contains(folder.toString());
    }

    private Downloader downloader(DownloadConfig.Limits limits) {
        return new Downloader(new DownloadConfig(folder, LOOPBACK, limits));
    }

    private static DownloadConfig.Limits limits(long connectMillis, long readMillis, long totalMillis) {
        return new DownloadConfig.Limits(
                DownloadConfig.Limits.DEFAULT.maxBytes(),
                Duration.ofMillis(connectMillis),
                Duration.ofMillis(readMillis),
                Duration.ofMillis(totalMillis),
                DownloadConfig.Limits.DEFAULT.maxRedirects());
    }

    private String url(String path) {
        return server.url("127.0.0.1", path);
    }

    private String assertFails(String url, @Nullable String filename) {
        DownloadException failure =
                catchThrowableOfType(DownloadException.class, () -> downloader.download(url, filename));
        assertThat(failure).as("a failure").isNotNull();
        return String.valueOf(failure.getMessage());
    }

    private List<String> files() throws IOException {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static void respondTruncated(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 1000);
        exchange.getResponseBody().write(CONTENT); // closing the exchange closes the connection
        exchange.getResponseBody().flush();
    }

    private static void respondChunked(HttpExchange exchange, int bytes) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream body = exchange.getResponseBody()) {
            body.write(new byte[bytes]);
        }
    }

    private static void respondGzipped(HttpExchange exchange, int zeros) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(new byte[zeros]);
        }
        exchange.getResponseHeaders().set("Content-Encoding", "gzip");
        TestServer.respond(exchange, 200, compressed.toByteArray());
    }

    private static byte[] randomBytes(String path) {
        Random random = new Random(path.hashCode());
        byte[] bytes = new byte[random.nextInt(300_000)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private static void fillBacklog(InetSocketAddress address, List<Socket> sockets) throws IOException {
        for (int i = 0; i < 100; i++) {
            Socket socket = new Socket();
            sockets.add(socket);
            try {
                socket.connect(address, 200);
            } catch (SocketTimeoutException e) {
                return;
            }
        }
        throw new AssertionError("the backlog takes more than 100 connections");
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        boolean done = false;
        while (!done) {
            try {
                latch.await();
                done = true;
            } catch (InterruptedException e) {
                // as the C library does: go on waiting
            }
        }
    }

    /** A call on a thread of its own. */
    private record Interruptible(Thread thread, FutureTask<Download.Result> call) {
        static Interruptible start(Callable<Download.Result> callable) {
            FutureTask<Download.Result> call = new FutureTask<>(callable);
            Thread thread = new Thread(call, "caller");
            thread.start();
            return new Interruptible(thread, call);
        }

        void interrupt() {
            thread.interrupt();
        }

        void assertInterrupted() {
            assertThatExceptionOfType(InterruptedException.class).isThrownBy(this::result);
        }

        Download.Result result() throws Throwable {
            try {
                return call.get(5, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                throw e.getCause();
            }
        }
    }
}
