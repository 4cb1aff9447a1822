package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.ConnectionFactory;
import com.sun.net.httpserver.HttpServer;
import dev.workerfarm.cli.ProducerCommand;
import dev.workerfarm.testkit.Services;
import dev.workerfarm.worker.Worker;
import dev.workerfarm.worker.WorkerConfig;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The producer's command line, whole, on a real broker, a real Redis and worker processes. */
@Timeout(120)
class ProducerCliIT {
    private static final String NAMESPACE = "producer-cli-it";

    @TempDir
    private static Path downloads;

    private static Map<String, String> environment;
    private static Worker workers;
    private static HttpServer images;

    private record Run(int code, String out, String err) {}

    @BeforeAll
    static void start() throws Exception {
        var services = Services.shared();
        environment = new HashMap<>(Map.of(
                "FARM_AMQP_URL",
                services.amqpUrl(),
                "FARM_REDIS_URL",
                services.redisUrl(),
                "FARM_NAMESPACE",
                NAMESPACE,
                "FARM_PROCESSES",
                "2",
                "FARM_DOWNLOADERS",
                "1",
                "FARM_DOWNLOAD_DIR",
                downloads.toString(),
                "FARM_DOWNLOAD_ALLOW",
                "127.0.0.1"));
        workers = Worker.start(WorkerConfig.from(environment));
        assertThat(workers.awaitReady(Duration.ofSeconds(60))).isTrue();
        images = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        images.createContext("/good", exchange -> {
            exchange.sendResponseHeaders(200, 5);
            exchange.getResponseBody().write("image".getBytes(StandardCharsets.UTF_8));
            exchange.close();
        });
        images.start();
    }

    @AfterAll
    static void stop() throws Exception {
        if (images != null) {
            images.stop(0);
        }
        if (workers != null) {
            workers.close();
        }
        // Shared services: leave no queue of ours.
        var factory = new ConnectionFactory();
        factory.setUri(environment.get("FARM_AMQP_URL"));
        if (factory.getVirtualHost().isEmpty()) {
            factory.setVirtualHost("/");
        }
        try (var connection = factory.newConnection();
                var channel = connection.createChannel()) {
            for (var queue : new String[] {"tasks", "downloads", "dead"}) {
                channel.queueDelete(NAMESPACE + "." + queue);
            }
        }
    }

    @Test
    void squaresExactlyAndInOrder() {
        var run = run("", "square", "1", "2", "3", "4", "5", "-3", "1.5", "-1e3", "1180591620717411303424");

        assertThat(run.err()).isEmpty();
        assertThat(run.out().lines())
                .containsExactly(
                        "1",
                        "4",
                        "9",
                        "16",
                        "25",
                        "9",
                        "2.25",
                        "1000000.0",
                        new BigInteger("1180591620717411303424").pow(2).toString());
        assertThat(run.code()).isZero();
    }

    @Test
    void tellsAFailedItemOnStandardErrorAndTheOthersOnStandardOutput() {
        var run = run("", "square", "abc", "3");

        assertThat(run)
                .isEqualTo(new Run(
                        1,
                        "9\n",
                        "argument 1: TypeError: square() argument 'n' must be a number, not the string \"abc\"\n"));
    }

    @Test
    void writesALineForEveryItemAsJson() {
        var run = run("", "square", "abc", "3", "--json");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).isEmpty();
        assertThat(run.out().lines().toList())
                .satisfiesExactly(
                        line -> assertThat(line)
                                .startsWith("{\"index\":0,\"id\":\"")
                                .contains("\"ok\":false,\"error\":{\"type\":\"TypeError\",\"message\":"),
                        line -> assertThat(line)
                                .startsWith("{\"index\":1,\"id\":\"")
                                .endsWith("\"ok\":true,\"value\":9}"));
    }

    @Test
    void streamsALongInput() {
        var numbers =
                LongStream.rangeClosed(1, 100_000).mapToObj(Long::toString).collect(Collectors.joining("\n"));
        var squares = LongStream.rangeClosed(1, 100_000)
                .mapToObj(n -> Long.toString(n * n))
                .collect(Collectors.joining("\n", "", "\n"));

        var run = run(numbers, "square", "-");

        assertThat(run.err()).isEmpty();
        assertThat(run.out().equals(squares)).as("all squares, in order").isTrue();
        assertThat(run.code()).isZero();
    }

    @Test
    void answersAPersonWhoTypesBeforeTheNextLine() throws Exception {
        try (var typed = new PipedInputStream();
                var screen = new PipedInputStream();
                var printed = new PipedOutputStream(screen);
                var answers = new BufferedReader(new InputStreamReader(screen, StandardCharsets.UTF_8))) {
            CompletableFuture<Integer> code;
            try (var keyboard = new PipedOutputStream(typed)) {
                code = CompletableFuture.supplyAsync(
                        () -> run(typed, printed, new ByteArrayOutputStream(), "square", "-"));
                for (var number : new String[] {"3", "4", "12"}) {
                    keyboard.write((number + "\n").getBytes(StandardCharsets.UTF_8));
                    keyboard.flush();

                    assertThat(answers.readLine())
                            .isEqualTo(new BigInteger(number).pow(2).toString());
                }
            }
            assertThat(code.get(20, TimeUnit.SECONDS)).isZero();
        }
    }

    @Test
    void mapsLinesOfArguments() {
        var run = run("5\n[6]\n\nplain\n", "map", "square");

        assertThat(run.out()).isEqualTo("25\n36\n");
        assertThat(run.err()).startsWith("line 4: TypeError: ").contains("\"plain\"");
        assertThat(run.code()).isEqualTo(1);
    }

    @Test
    void runsATaskByNameWithKeywordArguments() {
        assertThat(run("", "run", "square", "--kwarg", "n=12")).isEqualTo(new Run(0, "144\n", ""));
        assertThat(run("", "run", "square", "13", "--countdown", "1s", "--expires", "1h")
                        .out())
                .isEqualTo("169\n");
        assertThat(run("", "run", "echo", "plain", "[1,null]").out()).isEqualTo("[[\"plain\",[1,null]],{}]\n");
        var failed = run("", "run", "nosuchtask");
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.err()).contains("NotRegistered: nosuchtask").hasLineCount(1);
    }

    @Test
    void givesUpAfterItsTimeout() {
        var run = run("", "run", "sleep", "2000", "--timeout", "200ms");

        assertThat(run.code()).isEqualTo(4);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("within 200 ms").hasLineCount(1);
        assertThat(run("", "map", "sleep", "-i", "-", "--timeout", "0s").code())
                .as("no input, but no time either")
                .isEqualTo(4);
    }

    @Test
    void publishesWithoutWaitingWhereAsked() {
        var run = run("", "square", "1", "2", "3", "--detach");

        assertThat(run.code()).isZero();
        assertThat(run.out().lines()).hasSize(3).doesNotHaveDuplicates().allMatch(id -> id.length() == 36);
    }

    @Test
    void saysThatAQueueHasNoWorkersAndThatAMessageWasNotDelivered() {
        var run = run("", "square", "1", "--queue", NAMESPACE + ".nobody");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err().lines().toList())
                .satisfiesExactly(
                        line -> assertThat(line)
                                .isEqualTo("no worker is consuming " + NAMESPACE + ".nobody; start one with"
                                        + " ./farm worker --lanes nobody:1, or FARM_QUEUES=" + NAMESPACE
                                        + ".nobody ./farm worker"),
                        line -> assertThat(line).contains("was not delivered"));
        assertThat(run("", "square", "1", "--queue", NAMESPACE + ".nobody", "--quiet")
                        .err()
                        .lines())
                .hasSize(1);
    }

    @Test
    void downloadsAListAndGoesOnAfterAFailure() throws Exception {
        var base = "http://127.0.0.1:" + images.getAddress().getPort();
        var list = Files.createTempFile(downloads, "urls", ".txt");
        Files.writeString(list, "# mine\n\n" + base + "/bad\n" + base + "/good\tone.png\n" + base + "/good/two.png\n");

        var run = run("", "download", "-i", list.toString());

        assertThat(run.out()).isEqualTo("Download complete: one.png\nDownload complete: two.png\n");
        assertThat(run.err())
                .startsWith("line 3: ")
                .contains("404")
                .contains(base + "/bad")
                .hasLineCount(1);
        assertThat(run.code()).isEqualTo(1);
        assertThat(downloads.resolve("one.png")).hasContent("image");
    }

    @Test
    void countsInSharedValues() {
        assertThat(run("", "value", "total", "set", "5")).isEqualTo(new Run(0, "5\n", ""));
        assertThat(run("", "value", "total", "add", "-2")).isEqualTo(new Run(0, "3\n", ""));
        assertThat(run("", "value", "total")).isEqualTo(new Run(0, "3\n", ""));
        assertThat(run("", "value", "ratio", "set", "1", "--type", "d")).isEqualTo(new Run(0, "1.0\n", ""));
        var overflow = run("", "value", "total", "add", "9223372036854775807");
        assertThat(overflow.code()).isEqualTo(1);
        assertThat(overflow.err()).contains("overflows").hasLineCount(1);
        assertThat(run("", "value", "total").out()).isEqualTo("3\n");
    }

    @Test
    void keepsArrayElementsExactBeyondDoubles() {
        run("", "array", "a", "fill", "4", "9007199254740993");

        assertThat(run("", "array", "a", "add-all", "1")).isEqualTo(new Run(0, "9007199254740994\n".repeat(4), ""));
        assertThat(run("", "array", "a", "set", "-1", "-7")).isEqualTo(new Run(0, "-7\n", ""));
        assertThat(run("", "array", "a", "add", "0", "1").out()).isEqualTo("9007199254740995\n");
        assertThat(run("", "array", "a", "--json").out())
                .isEqualTo("[9007199254740995,9007199254740994,9007199254740994,-7]\n");
        assertThat(run("", "array", "a", "get", "9").code()).isEqualTo(1);
    }

    private static Run run(String input, String... args) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var code = run(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), out, err, args);
        return new Run(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private static int run(InputStream in, OutputStream out, OutputStream err, String... args) {
        return ProducerCommand.run(
                args,
                environment,
                in,
                new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(err, false, StandardCharsets.UTF_8));
    }
}
