package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.workerfarm.cli.FarmCommand;
import dev.workerfarm.cli.ProducerCommand;
import dev.workerfarm.cli.WorkerCommand;
import dev.workerfarm.config.FarmEnvironment;
import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.config.Variables;
import dev.workerfarm.error.BrokerUnreachableException;
import dev.workerfarm.lab.node.Ports;
import dev.workerfarm.lab.node.PrivateRabbitMq;
import dev.workerfarm.lab.node.PrivateRedis;
import dev.workerfarm.lab.node.QueueType;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.task.Square;
import dev.workerfarm.task.UpdateValue;
import dev.workerfarm.testkit.CertificateFiles;
import dev.workerfarm.testkit.JavaProcess;
import dev.workerfarm.testkit.TestAuthority;
import dev.workerfarm.testkit.Tls;
import dev.workerfarm.testkit.TlsGreeter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Broker and Redis over TLS, their URLs in files, as in production. The certificate is for localhost, so 127.0.0.1 is a
 * wrong name. Redis wants a certificate of its clients.
 */
@Timeout(120)
class TlsIT {
    private static final Duration READY = Duration.ofSeconds(60);
    /** Refused, and not tried again. */
    private static final Duration QUICK = Duration.ofSeconds(20);

    private static final TestAuthority AUTHORITY = new TestAuthority();
    private static final String FOR_ANOTHER_HOST = "its certificate is for another host";
    private static final String NOT_TRUSTED = "from an authority that is not trusted here: set FARM_TLS_CA";

    @TempDir
    private static Path folder;

    private static final int RABBITMQ_PORT = Ports.free();
    private static final int REDIS_PORT = Ports.free();

    private static CertificateFiles certificate;
    private static PrivateRabbitMq rabbitMq;
    private static PrivateRedis redis;
    private static Map<String, String> environment;

    private record Run(int code, String out, String err) {}

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(
                PrivateRabbitMq.isInstalled() && PrivateRedis.isInstalled(),
                "no rabbitmq-server or redis-server installed on this machine");
        certificate = AUTHORITY.issue(folder, "localhost");
        rabbitMq = PrivateRabbitMq.start(QueueType.classic, Tls.rabbitMq(RABBITMQ_PORT, certificate));
        redis = PrivateRedis.start(Tls.redis(REDIS_PORT, certificate));
        environment = Map.of(
                "FARM_AMQP_URL_FILE", file("amqp-url", Tls.url(rabbitMq.url(), "localhost", RABBITMQ_PORT)),
                "FARM_REDIS_URL_FILE", file("redis-url", Tls.url(redis.url(), "localhost", REDIS_PORT)),
                "FARM_TLS_CA", certificate.authority().toString(),
                "FARM_TLS_CERT", certificate.certificate().toString(),
                "FARM_TLS_KEY", certificate.key().toString(),
                "FARM_PROCESSES", "1",
                "FARM_DOWNLOADERS", "0",
                "FARM_DOWNLOAD_DIR", folder.toString());
    }

    @AfterAll
    static void stop() {
        if (redis != null) {
            redis.close();
        }
        if (rabbitMq != null) {
            rabbitMq.close();
        }
    }

    @Test
    void aFarmWorksOverTlsWithItsUrlsInFilesAlone() throws Exception {
        try (var worker = JavaProcess.start(environment, WorkerCommand.class);
                var pool = Pool.builder().environment(environment).connect();
                var shared = RedisSharedState.open(RedisAddress.from(environment), "farm")) {
            assertThat(pool.mapAsync(Square.TYPE, List.of(1, 2, 3, 4, 5)).get(READY))
                    .isEqualTo(List.of(1L, 4L, 9L, 16L, 25L));
            assertThat(pool.apply(UpdateValue.TYPE, "total", 5)).isEqualTo(5L);
            assertThat(shared.value("total").get()).isEqualTo(5L);
            assertThat(producer(environment, "value", "total", "add", "2")).isEqualTo(new Run(0, "7\n", ""));

            var secrets = List.of(password(rabbitMq.url()), password(redis.url()));
            var children = worker.descendants();
            assertThat(children).hasSize(1);
            for (var pid : List.of(worker.handle().pid(), children.get(0).pid())) {
                for (var shown : List.of("environ", "cmdline")) {
                    assertThat(Files.readString(Path.of("/proc", Long.toString(pid), shown)))
                            .contains(shown.equals("environ") ? "FARM_AMQP_URL_FILE" : "worker")
                            .doesNotContain(secrets);
                }
            }
            assertThat(String.join("\n", worker.errorLines())).contains("ready").doesNotContain(secrets);
        }
    }

    @Test
    void upTellsOtherTerminalsTheFilesAndNotWhatIsInThem() throws Exception {
        var home = Files.createDirectory(folder.resolve("home"));
        var variables = with("JAVA_TOOL_OPTIONS", "-Dfarm.home=" + home);
        try (var up = JavaProcess.start(variables, FarmCommand.class, "up")) {
            await("the farm is up").atMost(READY).until(() -> Files.exists(FarmEnvironment.file(home)));

            var found = FarmEnvironment.load(Map.of(), home);
            assertThat(Files.readString(FarmEnvironment.file(home)))
                    .doesNotContain(password(rabbitMq.url()), password(redis.url()));
            assertThat(producer(found, "square", "7")).isEqualTo(new Run(0, "49\n", ""));
            assertThat(producer(found, "value", "up", "set", "3").code()).isZero();

            up.terminate();
            assertThat(up.awaitExit(READY)).isZero();
        }
    }

    @Test
    void refusesABrokerWithACertificateForAnotherHost() throws Exception {
        var wrong = with("FARM_AMQP_URL", Tls.url(rabbitMq.url(), "127.0.0.1", RABBITMQ_PORT));

        assertRefused(wrong, FOR_ANOTHER_HOST);
        assertWorkerRefused(wrong, FOR_ANOTHER_HOST);
    }

    @Test
    void refusesABrokerOfAnUnknownAuthority() throws Exception {
        var stranger = new TestAuthority().file(Files.createDirectory(folder.resolve("stranger")));
        var other = with("FARM_TLS_CA", stranger.toString());

        assertRefused(other, NOT_TRUSTED);
        assertRefused(with("FARM_TLS_CA", ""), NOT_TRUSTED); // Java's own trust store
        assertWorkerRefused(other, NOT_TRUSTED);
    }

    @Test
    void refusesACertificateThatHasExpired() {
        try (var expired = TlsGreeter.start(AUTHORITY.expired("localhost"))) {
            assertRefused(
                    with("FARM_AMQP_URL", "amqps://u:secret@localhost:" + expired.port()),
                    "its certificate has expired");
            assertRedisRefused(
                    with("FARM_REDIS_URL", "rediss://:secret@localhost:" + expired.port()),
                    "its certificate has expired");
        }
    }

    @Test
    void saysSoWhereTheBrokerSpeaksNoTls() {
        assertRefused(
                with("FARM_AMQP_URL", rabbitMq.url().replace("amqp:", "amqps:")), "it does not speak TLS on this port");
    }

    @Test
    void refusesARedisWithAWrongCertificateOrWithoutOneOfOurs() {
        assertRedisRefused(with("FARM_REDIS_URL", Tls.url(redis.url(), "127.0.0.1", REDIS_PORT)), FOR_ANOTHER_HOST);
        assertRedisRefused(with("FARM_TLS_CA", ""), NOT_TRUSTED);

        var nobody = producer(
                Variables.merge(environment, Map.of("FARM_TLS_CERT", "", "FARM_TLS_KEY", "")), "value", "total");
        assertThat(nobody.code()).isEqualTo(3);
        assertThat(nobody.err()).contains("wants a client certificate").contains("FARM_TLS_CERT");
    }

    @Test
    void aMissingFileIsWrongUsage() throws Exception {
        var missing = with("FARM_TLS_CA", "/nowhere/ca.pem");

        var run = producer(missing, "square", "1");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).startsWith("farm producer: FARM_TLS_CA: cannot read the file /nowhere/ca.pem");
        try (var worker = JavaProcess.start(missing, WorkerCommand.class)) {
            assertThat(worker.awaitExit(QUICK)).isEqualTo(2);
            assertThat(worker.errorLines())
                    .singleElement()
                    .asString()
                    .startsWith("farm worker: FARM_TLS_CA: cannot read the file /nowhere/ca.pem");
        }
    }

    private static void assertRefused(Map<String, String> variables, String reason) {
        assertThatThrownBy(() -> Pool.builder().environment(variables).connect())
                .isInstanceOf(BrokerUnreachableException.class)
                .hasMessageContaining(reason);
        var run = producer(variables, "square", "1");
        assertThat(run.code()).as(run.err()).isEqualTo(3);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines())
                .singleElement()
                .asString()
                .startsWith("farm producer: no TLS with the broker at ")
                .contains(reason)
                .doesNotContain("secret");
    }

    private static void assertWorkerRefused(Map<String, String> variables, String reason) throws InterruptedException {
        try (var worker = JavaProcess.start(variables, WorkerCommand.class)) {
            assertThat(worker.awaitExit(QUICK)).isEqualTo(3);
            assertThat(worker.errorLines())
                    .singleElement()
                    .asString()
                    .startsWith("farm worker: no TLS with the broker at ")
                    .contains(reason);
        }
    }

    private static void assertRedisRefused(Map<String, String> variables, String reason) {
        var run = producer(variables, "value", "total");
        assertThat(run.code()).as(run.err()).isEqualTo(3);
        assertThat(run.err().lines())
                .singleElement()
                .asString()
                .startsWith("farm producer: no TLS with Redis at ")
                .contains(reason)
                .doesNotContain("secret");
    }

    private static Run producer(Map<String, String> variables, String... arguments) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var code = ProducerCommand.run(
                arguments,
                variables,
                new ByteArrayInputStream(new byte[0]),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Run(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** The farm's variables with one of them set another way. */
    private static Map<String, String> with(String name, String value) {
        return Variables.merge(environment, Map.of(name, value));
    }

    private static String file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content + "\n").toString();
    }

    private static String password(String url) {
        return url.replaceFirst(".*:([^:@]+)@.*", "$1");
    }
}
