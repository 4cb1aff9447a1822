package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.AMQP;
import dev.workerfarm.cli.WorkerCommand;
import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.config.Version;
import dev.workerfarm.error.TaskFailedException;
import dev.workerfarm.lab.node.Ports;
import dev.workerfarm.lab.node.PrivateRabbitMq;
import dev.workerfarm.lab.node.PrivateRedis;
import dev.workerfarm.lab.node.QueueType;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.task.Square;
import dev.workerfarm.testkit.JavaProcess;
import dev.workerfarm.testkit.TestFarm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.MDC;

/** What {@code farm worker} says about itself: metrics, health, logs. In a JVM of its own, on nodes of its own. */
@Timeout(120)
class MetricsIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String SUCCEEDED = "workerfarm_tasks_total{task=\"square\",outcome=\"succeeded\"}";
    private static final String FAILED = "workerfarm_tasks_total{task=\"square\",outcome=\"rejected\"}";
    private static final String RESTARTS = "workerfarm_process_restarts_total{lane=\"cpu\"}";
    private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private static PrivateRabbitMq rabbitMq;
    private static PrivateRedis redis;
    private static TestFarm farm;

    private final HttpClient http = HttpClient.newHttpClient();
    private int port;
    private Pool pool;
    private JavaProcess worker;

    @BeforeAll
    static void startServices() {
        assumeTrue(
                PrivateRabbitMq.isInstalled() && PrivateRedis.isInstalled(),
                "no rabbitmq-server or redis-server installed on this machine, so none can be stopped");
        rabbitMq = PrivateRabbitMq.start(QueueType.classic);
        redis = PrivateRedis.start();
        farm = TestFarm.on(rabbitMq.url(), redis.url(), MetricsIT.class);
    }

    @AfterAll
    static void stopServices() {
        if (redis != null) {
            redis.close();
        }
        if (rabbitMq != null) {
            rabbitMq.close();
        }
    }

    @BeforeEach
    void startWorker() {
        port = Ports.free();
        worker = JavaProcess.start(
                environment(Map.of("FARM_LOG_FORMAT", "json", "FARM_LOG_LEVEL", "DEBUG")),
                WorkerCommand.class,
                "--processes",
                "2",
                "--downloaders",
                "0");
        awaitHealth(200);
        pool = farm.connect();
    }

    @AfterEach
    void stopWorker() {
        MDC.clear();
        if (pool != null) {
            pool.close();
        }
        worker.close();
    }

    @Test
    void countsTasksItemsAndFailuresExactly() throws Exception {
        assertThat(scrape())
                .doesNotContainKey(SUCCEEDED)
                .containsEntry("workerfarm_build_info{version=\"" + Version.FARM + "\"}", 1.0);

        assertThat(pool.map(Square.TYPE, IntStream.range(0, 9).boxed().toList()))
                .hasSize(9);
        assertThat(pool.apply(Square.TYPE, 3)).isEqualTo(9L);
        assertThatThrownBy(() -> pool.task("square").apply("no number")).isInstanceOf(TaskFailedException.class);
        assertThatThrownBy(() -> pool.task("a stranger's")
                        .queue(farm.tasks())
                        .applyAsync()
                        .get())
                .isInstanceOf(TaskFailedException.class);
        assertThatThrownBy(() -> pool.task("fail").apply("on purpose")).isInstanceOf(TaskFailedException.class);

        var after = scrape();
        assertThat(after)
                .containsEntry(SUCCEEDED, 10.0)
                .containsEntry(FAILED, 1.0)
                .containsEntry("workerfarm_tasks_total{task=\"fail\",outcome=\"failed\"}", 1.0)
                .containsEntry("workerfarm_tasks_total{task=\"unknown\",outcome=\"rejected\"}", 1.0)
                .containsEntry("workerfarm_task_run_seconds_count{task=\"square\"}", 10.0)
                .containsEntry("workerfarm_dead_letters_total{reason=\"unknown-task\"}", 1.0)
                .containsEntry("workerfarm_dead_letters_total{reason=\"wrong-arguments\"}", 1.0)
                .containsEntry("workerfarm_processes{lane=\"cpu\",state=\"ready\"}", 2.0)
                .containsEntry("workerfarm_tasks_running", 0.0)
                .containsEntry(RESTARTS, 0.0);
        assertThat(after.get("workerfarm_task_wait_seconds_count{task=\"square\"}"))
                .isBetween(3.0, 11.0);
        assertThat(after.keySet()).noneMatch(series -> series.contains("stranger"));
    }

    @Test
    void aKilledProcessIsARestartAndItsTotalsStay() throws Exception {
        assertThat(pool.map(Square.TYPE, IntStream.range(0, 20).boxed().toList()))
                .hasSize(20);
        assertThat(scrape()).containsEntry(SUCCEEDED, 20.0);

        worker.descendants().get(0).destroyForcibly();
        awaitSample(RESTARTS, 1.0);
        assertThat(scrape()).containsEntry(SUCCEEDED, 20.0);
        assertThat(pool.apply(Square.TYPE, 2)).isEqualTo(4L);
        assertThat(scrape()).containsEntry(SUCCEEDED, 21.0).containsEntry(RESTARTS, 1.0);
        awaitHealth(200);
    }

    @Test
    void aStoppedProcessDelaysNobodyAndKeepsItsNumbers() throws Exception {
        assertThat(pool.apply(Square.TYPE, 2)).isEqualTo(4L);
        assertThat(scrape()).containsEntry(SUCCEEDED, 1.0);
        var child = worker.descendants().get(0);
        signal("STOP", child);
        try {
            var start = System.nanoTime();
            assertThat(scrape()).containsEntry(SUCCEEDED, 1.0).containsEntry("workerfarm_processes_unresponsive", 1.0);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
        } finally {
            signal("CONT", child);
        }
        awaitSample("workerfarm_processes_unresponsive", 0.0);
    }

    @Test
    void healthFollowsTheBroker() throws Exception {
        rabbitMq.stop();
        awaitHealth(503);
        assertThat(get("/healthz").body()).isEqualTo("not consuming: cpu-1 cpu-2\n");
        assertThat(scrape()).containsEntry("workerfarm_processes{lane=\"cpu\",state=\"not_ready\"}", 2.0);

        rabbitMq.startAgain();
        awaitHealth(200);
        // Two connections of each process.
        awaitSample("workerfarm_reconnects_total", 4.0);
    }

    @Test
    void busyIsWhatRunsAndWhatWaitsInAProcess() throws Exception {
        var sleeping = IntStream.range(0, 2)
                .mapToObj(n -> pool.task("sleep").queue(farm.tasks()).applyAsync(3_000, n))
                .toList();
        awaitSample("workerfarm_tasks_running", 2.0);
        assertThat(scrape())
                .containsEntry("workerfarm_busy", 2.0)
                .containsEntry("workerfarm_deliveries_unsettled", 2.0);
        for (var each : sleeping) {
            each.get(SOON);
        }
        awaitSample("workerfarm_deliveries_unsettled", 0.0);
        assertThat(scrape()).containsEntry("workerfarm_busy", 0.0);
    }

    @Test
    void aTakenPortIsOneLineAndExitCodeTwo() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var second = JavaProcess.start(
                        environment(Map.of("FARM_METRICS_PORT", String.valueOf(taken.getLocalPort()))),
                        WorkerCommand.class)) {
            assertThat(second.awaitExit(SOON)).isEqualTo(2);
            assertThat(second.errorLines())
                    .singleElement()
                    .satisfies(line -> assertThat(line).startsWith("farm worker: FARM_METRICS_PORT: "));
        }
    }

    @Test
    void eachLineOfAJsonLogIsAnObjectThatSaysWhichTask() throws Exception {
        MDC.put("traceparent", TRACE);
        var result = pool.applyAsync(Square.TYPE, 7);
        result.get();
        assertThatThrownBy(() -> pool.task("square").apply("no number")).isInstanceOf(TaskFailedException.class);
        worker.terminate();
        assertThat(worker.awaitExit(SOON)).isZero();

        var mapper = new ObjectMapper();
        var lines = worker.errorLines();
        var password = BrokerAddress.parse(rabbitMq.url()).password();
        assertThat(lines).noneMatch(line -> line.contains(password)).hasSizeGreaterThan(5);
        var events = lines.stream().map(line -> read(mapper, line)).toList();
        assertThat(events)
                .allSatisfy(event -> assertThat(event.properties())
                        .extracting(Map.Entry::getKey)
                        .contains(
                                "timestamp",
                                "level",
                                "threadName",
                                "loggerName",
                                "context",
                                "mdc",
                                "message",
                                "formattedMessage"));
        assertThat(events)
                .filteredOn(event -> event.path("message").asText().startsWith("ran taskId={}")
                        && event.path("mdc").path("taskId").asText().equals(result.id()))
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.path("context").path("name").asText()).startsWith("cpu-");
                    assertThat(event.path("mdc").path("task").asText()).isEqualTo("square");
                    assertThat(event.path("mdc").path("attempt").asText()).isEqualTo("0");
                    assertThat(event.path("mdc").path("queue").asText()).isEqualTo(farm.tasks());
                    assertThat(event.path("mdc").path("traceparent").asText()).isEqualTo(TRACE);
                });
    }

    @Test
    void aTraceComesBackWithTheReply() throws Exception {
        var reply = farm.onBroker(channel -> {
            var replies = channel.queueDeclare().getQueue();
            Map<String, Object> headers = Map.of("id", "traced", "task", "square", "traceparent", TRACE, "mine", 1);
            var properties = new AMQP.BasicProperties.Builder()
                    .contentType("application/json")
                    .contentEncoding("utf-8")
                    .correlationId("traced")
                    .replyTo(replies)
                    .headers(headers)
                    .build();
            channel.basicPublish("", farm.tasks(), properties, TestFarm.bytes("[[2],{},{}]"));
            return await().atMost(SOON)
                    .until(() -> Optional.ofNullable(channel.basicGet(replies, true)), Optional::isPresent)
                    .orElseThrow();
        });

        assertThat(TestFarm.header(reply, "traceparent")).isEqualTo(TRACE);
    }

    @Test
    void theDashboardNamesOnlyMetricsThatThereAre() throws Exception {
        assertThat(pool.apply(Square.TYPE, 2)).isEqualTo(4L);
        var there = scrape().keySet().stream()
                .map(series -> series.replaceFirst("\\{.*", ""))
                .collect(Collectors.toSet());

        var dashboard = new ObjectMapper()
                .readTree(Files.readString(Path.of("../deploy/monitoring/grafana/dashboards/workerfarm.json")));
        var expressions = dashboard.findValuesAsText("expr");
        Set<String> named = expressions.stream()
                .flatMap(expression ->
                        Pattern.compile("workerfarm_\\w+").matcher(expression).results())
                .map(match -> match.group())
                .collect(Collectors.toSet());

        assertThat(expressions).hasSizeGreaterThan(8);
        assertThat(named).isNotEmpty();
        assertThat(there).containsAll(named);
    }

    private Map<String, String> environment(Map<String, String> more) {
        Map<String, String> all = new HashMap<>(farm.environment());
        all.put("FARM_METRICS_PORT", String.valueOf(port));
        all.putAll(more);
        return all;
    }

    private static void signal(String name, ProcessHandle process) throws IOException, InterruptedException {
        var kill = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    /** Each series and its value. */
    private Map<String, Double> scrape() throws IOException, InterruptedException {
        var response = get("/metrics");
        assertThat(response.statusCode()).isEqualTo(200);
        return response.body()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .collect(Collectors.toMap(
                        line -> line.substring(0, line.lastIndexOf(' ')),
                        line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))));
    }

    private void awaitSample(String series, double value) {
        await(series + " " + value)
                .atMost(SOON)
                .until(() -> Double.valueOf(value).equals(scrape().get(series)));
    }

    private void awaitHealth(int status) {
        await("health " + status)
                .atMost(Duration.ofSeconds(60))
                .ignoreExceptionsInstanceOf(IOException.class) // nothing listens yet
                .until(() -> get("/healthz").statusCode() == status);
    }

    private static JsonNode read(ObjectMapper mapper, String line) {
        try {
            return mapper.readTree(line);
        } catch (IOException e) {
            throw new AssertionError("no JSON: " + line, e);
        }
    }
}
