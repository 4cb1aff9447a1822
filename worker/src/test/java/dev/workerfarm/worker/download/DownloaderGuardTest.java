package dev.workerfarm.worker.download;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.workerfarm.task.Download;
import dev.workerfarm.worker.download.address.AllowList;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.Dns;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the downloader connects, and where not: a server on the loopback address stands for everything internal. */
@Timeout(60)
class DownloaderGuardTest {
    private static final byte[] CONTENT = "internal".getBytes(UTF_8);
    private static final String LOOPBACK = "127.0.0.1 is a loopback address (allow it with FARM_DOWNLOAD_ALLOW)";

    @TempDir
    Path folder;

    private TestServer server;
    private @Nullable Downloader downloader;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer().file("/internal", CONTENT);
    }

    @AfterEach
    void stop() {
        if (downloader != null) {
            downloader.close();
        }
        server.close();
    }

    @Test
    void refusesALoopbackLiteral() {
        use("", Dns.SYSTEM);

        assertThat(failureOf(server.url("127.0.0.1", "/internal"))).isEqualTo("refused: " + LOOPBACK);
        assertNothingWasAsked();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2130706433",
                "127.1",
                "127.0.1",
                "0",
                "0.0.0.0",
                "127.127.127.127",
                "[::1]",
                "[::]",
                "[::ffff:127.0.0.1]",
                "[::ffff:7f00:1]",
                "[::127.0.0.1]",
                "[0:0:0:0:0:0:0:1]",
                "[64:ff9b::7f00:1]",
                "[2002:7f00:1::]",
                "①②⑦.⓪.⓪.①",
                "127。0。0。1",
                "%31%32%37.0.0.1",
                "localhost",
                "LOCALHOST",
                "user@127.0.0.1",
                "example.com@127.0.0.1",
                "169.254.169.254",
                "[fe80::1]",
                "[fd00:ec2::254]"
            })
    void refusesEverySpellingOfAnInternalAddress(String host) {
        use("", Dns.SYSTEM);

        assertThat(failureOf(server.url(host, "/internal")))
                .startsWith("refused: ")
                .endsWith(" (allow it with FARM_DOWNLOAD_ALLOW)");
        assertNothingWasAsked();
    }

    /** Java leaves these to the C library and the name server: some know them, some do not. */
    @ParameterizedTest
    @ValueSource(strings = {"0x7f.1", "0x7f000001", "0x7f.0x0.0x0.0x1", "127.0.0.1.", "localhost."})
    void neverReachesAnInternalAddressBySpellingsOfTheCLibrary(String host) {
        use("", Dns.SYSTEM);

        assertThat(failureOf(server.url(host, "/internal"))).matches("(refused: |unknown host ).*");
        assertNothingWasAsked();
    }

    @Test
    void refusesANameThatResolvesToAnInternalAddress() {
        use("", dns("public.test", "127.0.0.1"));

        assertThat(failureOf(server.url("public.test", "/internal"))).isEqualTo("refused: public.test: " + LOOPBACK);
        assertNothingWasAsked();
    }

    @Test
    void refusesANameWithManyInternalAddressesForTheSameReason() {
        use("", dns("public.test", "127.0.0.1", "::1", "10.0.0.1", "127.0.0.2"));

        assertThat(failureOf(server.url("public.test", "/internal")))
                .startsWith("refused: public.test: ")
                .endsWith("(allow it with FARM_DOWNLOAD_ALLOW)");
        assertNothingWasAsked();
    }

    @Test
    void saysRefusedWhereOneAddressIsRefusedAndAnotherDoesNotAnswer() throws IOException {
        int closedPort;
        try (TestServer other = new TestServer()) {
            closedPort = other.port();
        }
        for (List<String> order : List.of(List.of("127.0.0.9", "127.0.0.1"), List.of("127.0.0.1", "127.0.0.9"))) {
            use("127.0.0.9", new FakeDns(Map.of("public.test", order)));

            assertThat(failureOf("http://public.test:" + closedPort + "/"))
                    .isEqualTo("refused: public.test: " + LOOPBACK);
        }
    }

    @Test
    void checksTheAnswerThatItConnectsToWhenTheNameServerChangesItsMind() throws Exception {
        AtomicInteger lookups = new AtomicInteger();
        Dns rebinding =
                host -> List.of(InetAddress.getByName(lookups.getAndIncrement() == 0 ? "127.0.0.9" : "127.0.0.1"));
        use("127.0.0.9", rebinding);
        // The first answer is an allowed address where nobody listens; a second lookup must not get round the guard.
        String url = server.url("rebind.test", "/internal");

        failureOf(url);

        assertThat(failureOf(url)).isEqualTo("refused: rebind.test: " + LOOPBACK);
        assertNothingWasAsked();
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void refusesARedirectToAnInternalAddress(int status) {
        server.redirect("/public", status, server.url("127.0.0.1", "/internal"));
        use("public.test", dns("public.test", "127.0.0.1"));

        assertThat(failureOf(server.url("public.test", "/public"))).isEqualTo("refused: " + LOOPBACK);
        assertThat(server.requests).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://169.254.169.254/latest/meta-data/", "//169.254.169.254/", "http://[::ffff:a9fe:a9fe]/"})
    void refusesARedirectToCloudMetadata(String location) {
        server.redirect("/public", 302, location);
        use("public.test", dns("public.test", "127.0.0.1"));

        assertThat(failureOf(server.url("public.test", "/public")))
                .isEqualTo("refused: 169.254.169.254 is a link-local address (allow it with FARM_DOWNLOAD_ALLOW)");
    }

    @Test
    void refusesARedirectToAnotherNameOfAnAllowedAddress() {
        // The connection to allowed.test is open and could be used again: same address, same port.
        server.redirect("/public", 302, server.url("evil.test", "/internal"));
        use(
                "allowed.test",
                new FakeDns(Map.of("allowed.test", List.of("127.0.0.1"), "evil.test", List.of("127.0.0.1"))));

        assertThat(failureOf(server.url("allowed.test", "/public"))).isEqualTo("refused: evil.test: " + LOOPBACK);
        assertThat(server.requests).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/passwd", "ftp://example.com/", "jar:http://x!/", "javascript:alert(1)"})
    void refusesARedirectToAnotherScheme(String location) {
        server.redirect("/public", 302, location);
        use("127.0.0.1", Dns.SYSTEM);

        assertThat(failureOf(server.url("127.0.0.1", "/public")))
                .isEqualTo("refused: %s redirects to no http or https URL", server.url("127.0.0.1", "/public"));
    }

    @Test
    void followsTenRedirectsAndNoMore() throws Exception {
        for (int i = 0; i < 11; i++) {
            server.redirect("/hop" + i, 302, i == 0 ? "/internal" : "hop" + (i - 1));
        }
        use("127.0.0.1", Dns.SYSTEM);

        assertThat(download(server.url("127.0.0.1", "/hop9")).url()).isEqualTo(server.url("127.0.0.1", "/internal"));
        assertThat(failureOf(server.url("127.0.0.1", "/hop10")))
                .isEqualTo("more than 10 redirects from " + server.url("127.0.0.1", "/hop10"));
    }

    @Test
    void cutsCredentialsOffARedirect() throws Exception {
        server.redirect("/public", 302, "http://user:secret@127.0.0.1:" + server.port() + "/internal");
        use("127.0.0.1", Dns.SYSTEM);

        assertThat(download(server.url("127.0.0.1", "/public")).url()).doesNotContain("secret");
        assertThat(server.requests)
                .allSatisfy(request -> assertThat(request.getRequestHeaders()).doesNotContainKey("Authorization"));
    }

    @Test
    void reportsARedirectWithoutATarget() {
        server.on("/nowhere", exchange -> exchange.sendResponseHeaders(302, -1));
        use("127.0.0.1", Dns.SYSTEM);

        assertThat(failureOf(server.url("127.0.0.1", "/nowhere")))
                .isEqualTo("HTTP 302 for " + server.url("127.0.0.1", "/nowhere"));
    }

    @Test
    void downloadsOverHttpsAndRefusesToGoOnWithoutIt() throws Exception {
        TestTls tls = TestTls.forHosts(folder, "secure.test");
        try (TestServer secure = new TestServer(tls.context())) {
            secure.file("/file", CONTENT);
            secure.redirect("/down", 302, server.url("127.0.0.1", "/internal"));
            server.redirect("/up", 302, secure.url("secure.test", "/file"));
            use("127.0.0.1", tls.client().dns(dns("secure.test", "127.0.0.1")).build());

            assertThat(download(secure.url("secure.test", "/file")).bytes()).isEqualTo(CONTENT.length);
            assertThat(download(server.url("127.0.0.1", "/up")).url()).isEqualTo(secure.url("secure.test", "/file"));
            assertThat(failureOf(secure.url("secure.test", "/down")))
                    .isEqualTo("refused: %s redirects from https to plain http", secure.url("secure.test", "/down"));
            assertThat(server.requests).hasSize(1);
        }
    }

    @Test
    void refusesAnInternalAddressOverHttpsToo() throws Exception {
        TestTls tls = TestTls.forHosts(folder, "secure.test");
        try (TestServer secure = new TestServer(tls.context())) {
            secure.file("/file", CONTENT);
            use("", tls.client().dns(dns("secure.test", "127.0.0.1")).build());

            assertThat(failureOf(secure.url("secure.test", "/file"))).isEqualTo("refused: secure.test: " + LOOPBACK);
        }
    }

    @Test
    void refusesAnotherNameEvenIfItsCertificateFitsAnOpenHttp2Connection() throws Exception {
        TestTls tls = TestTls.forHosts(folder, "allowed.test", "evil.test");
        Dns dns = new FakeDns(Map.of("allowed.test", List.of("127.0.0.1"), "evil.test", List.of("127.0.0.1")));
        try (MockWebServer http2 = new MockWebServer()) {
            http2.useHttps(tls.context().getSocketFactory());
            http2.enqueue(new MockResponse.Builder().code(200).build());
            http2.enqueue(new MockResponse.Builder().code(200).build());
            http2.start(InetAddress.getLoopbackAddress(), 0);
            use("allowed.test", tls.client().dns(dns).build());

            download("https://allowed.test:" + http2.getPort() + "/file");

            assertThat(failureOf("https://evil.test:" + http2.getPort() + "/file"))
                    .isEqualTo("refused: evil.test: " + LOOPBACK);
        }
    }

    @Test
    void saysSoWhenACertificateIsNotTrusted() throws Exception {
        TestTls tls = TestTls.forHosts(folder, "secure.test");
        try (TestServer secure = new TestServer(tls.context())) {
            use("127.0.0.1", dns("secure.test", "127.0.0.1"));

            assertThat(failureOf(secure.url("secure.test", "/file")))
                    .startsWith("no secure connection for " + secure.url("secure.test", "/file") + ": ")
                    .doesNotContain("\n");
        }
    }

    @Test
    void letsAnAllowedNameThroughAndAnAllowedBlock() throws Exception {
        Dns dns = new FakeDns(Map.of("a.test", List.of("127.0.0.1"), "b.c.test", List.of("127.0.0.1")));

        for (String allow : List.of("a.test, b.c.test", "a.test, *.c.test", "127.0.0.0/8", "127.0.0.1")) {
            use(allow, dns);
            assertThat(download(server.url("a.test", "/internal")).bytes()).isEqualTo(CONTENT.length);
            assertThat(download(server.url("b.c.test", "/internal")).bytes()).isEqualTo(CONTENT.length);
        }
    }

    @Test
    void ignoresTheProxyOfTheJvm() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        ProxySelector before = ProxySelector.getDefault();
        ProxySelector.setDefault(new ProxySelector() {
            @Override
            public List<Proxy> select(URI uri) {
                asked.incrementAndGet();
                return List.of(new Proxy(
                        Proxy.Type.HTTP, new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port())));
            }

            @Override
            public void connectFailed(URI uri, SocketAddress address, IOException failure) {}
        });
        try {
            use("127.0.0.1", Dns.SYSTEM);

            download(server.url("127.0.0.1", "/internal"));
            assertThat(failureOf("http://127.0.0.9:" + server.port() + "/internal"))
                    .startsWith("refused: ");
        } finally {
            ProxySelector.setDefault(before);
        }
        assertThat(asked).as("HTTP or SOCKS").hasValue(0);
        assertThat(server.requests).hasSize(1);
    }

    private void use(String allow, Dns dns) {
        use(allow, new OkHttpClient.Builder().dns(dns).build());
    }

    private void use(String allow, OkHttpClient base) {
        stopDownloader();
        downloader = new Downloader(
                new DownloadConfig(folder, AllowList.parse(allow), DownloadConfig.Limits.DEFAULT), () -> base);
    }

    private void stopDownloader() {
        if (downloader != null) {
            downloader.close();
        }
    }

    private Download.Result download(String url) throws Exception {
        return Objects.requireNonNull(downloader).download(url, null);
    }

    private String failureOf(String url) {
        var failure = assertThatExceptionOfType(DownloadException.class).isThrownBy(() -> download(url));
        return String.valueOf(failure.actual().getMessage());
    }

    private void assertNothingWasAsked() {
        assertThat(server.requests).isEmpty();
    }

    private static FakeDns dns(String host, String... addresses) {
        return new FakeDns(Map.of(host, List.of(addresses)));
    }
}
