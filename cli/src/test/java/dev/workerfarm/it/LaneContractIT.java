package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.cli.WorkerCommand;
import dev.workerfarm.lab.node.Ports;
import dev.workerfarm.pool.AsyncResult;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.status.QueueStatus;
import dev.workerfarm.status.StatusClient;
import dev.workerfarm.task.Square;
import dev.workerfarm.task.TaskQueue;
import dev.workerfarm.task.TaskType;
import dev.workerfarm.testkit.Begins;
import dev.workerfarm.testkit.CliRun;
import dev.workerfarm.testkit.GatedReport;
import dev.workerfarm.testkit.JavaProcess;
import dev.workerfarm.testkit.TestFarm;
import dev.workerfarm.wire.control.WorkerStatus;
import dev.workerfarm.worker.Worker;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Queues that tasks name, and the lanes that consume them, with a task in a jar, on whatever broker this run has. */
@Timeout(90)
class LaneContractIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final TaskQueue REPORTS = GatedReport.TYPE.queue();
    private static final TaskQueue MAILS = TaskQueue.named("mails", 1);

    @TempDir
    private static Path jars;

    private static final int METRICS_PORT = Ports.free();
    private static TestFarm farm;
    private static QueueNames names;
    private static Worker workers;
    private static Pool pool;
    private static StatusClient client;

    @TempDir
    private Path scratch;

    @BeforeAll
    static void start() {
        GatedReport.jar().writeTo(jars.resolve("reports.jar"));
        farm = TestFarm.onSharedServices(LaneContractIT.class);
        workers = farm.startWorkers(
                0,
                0,
                Map.of(
                        "FARM_LANES", "reports:4,mails:1x2",
                        "FARM_TASKS", jars.toString(),
                        "FARM_METRICS_PORT", String.valueOf(METRICS_PORT)));
        pool = farm.connect();
        names = farm.names();
        client = StatusClient.connect(farm.broker(), names, null);
    }

    @AfterAll
    static void stop() throws Exception {
        client.close();
        pool.terminate();
        workers.close();
        for (var queue : List.of(REPORTS, MAILS)) {
            farm.onBroker(channel -> channel.queueDelete(names.of(queue)));
        }
        farm.close();
    }

    @Test
    void aTaskIsPublishedToItsQueueBeforeAnyWorkerHasDeclaredIt() throws Exception {
        var unheard = TaskQueue.named("unheard.of", 2);
        var waiting = pool.applyAsync(Square.TYPE.on(unheard), 3);
        try {
            await().atMost(SOON).ignoreExceptions().until(() -> farm.waiting(names.of(unheard)) == 1);
            // A Celery client declares a queue durable and without arguments. RabbitMQ refuses another declaration.
            var declared =
                    farm.onBroker(channel -> channel.queueDeclare(names.of(unheard), true, false, false, Map.of()));
            assertThat(declared.getMessageCount()).isEqualTo(1);
        } finally {
            waiting.cancel();
            farm.onBroker(channel -> channel.queueDelete(names.of(unheard)));
        }
    }

    @Test
    void fourReportsRunAtATimeAndNoFifthBegins() throws Exception {
        var reports = begin(GatedReport.TYPE, 12);
        await().atMost(SOON)
                .until(() -> held(REPORTS, worker -> worker.running().size()).equals(List.of(4)));

        assertThat(Begins.of(mark())).hasSize(4);
        assertThat(held(REPORTS, WorkerStatus::waiting))
                .as("none waits in the process")
                .containsExactly(0);

        Files.createFile(gate());
        var ran = reports.stream().map(report -> report.get(SOON)).toList();
        assertThat(ran).contains(1, 2, 3, 4).allMatch(atATime -> atATime <= 4);
        assertThat(Begins.of(mark())).hasSize(12);
    }

    @Test
    void aKilledProcessOfALaneIsReplacedAndLosesNothing() throws Exception {
        var reports = begin(GatedReport.TYPE, 10);
        await().atMost(SOON).until(() -> Begins.of(mark()).size() == 4);
        var killed = Begins.of(mark()).get(0);

        ProcessHandle.of(killed).orElseThrow().destroyForcibly();
        await().atMost(SOON).until(() -> Begins.of(mark()).size() > 4);
        Files.createFile(gate());

        assertThat(reports).allSatisfy(report -> assertThat(report.get(SOON)).isBetween(1, 4));
        assertThat(Begins.of(mark())).hasSize(14).filteredOn(killed::equals).hasSize(4);
        assertThat(metrics()).contains("workerfarm_process_restarts_total{lane=\"reports\"} 1\n");
    }

    @Test
    void aLaneOfOneAtATimeHoldsNoMessageBehindALongTask() throws Exception {
        var mails = begin(GatedReport.TYPE.on(MAILS), 3);
        await().atMost(SOON).until(() -> Begins.of(mark()).size() == 2);

        await().atMost(SOON).until(() -> held(MAILS, WorkerStatus::waiting).equals(List.of(0, 0)));
        assertThat(Begins.of(mark())).hasSize(2).doesNotHaveDuplicates();

        Files.createFile(gate());
        assertThat(mails).allSatisfy(mail -> assertThat(mail.get(SOON)).isEqualTo(1));
    }

    @Test
    void statusAndMetricsNameTheLanes() throws Exception {
        var status = client.ask(SOON);

        assertThat(status.workers()).extracting(WorkerStatus::lane).containsExactly("mails", "mails", "reports");
        assertThat(status.workers()).extracting(WorkerStatus::concurrency).containsExactly(1, 1, 4);
        assertThat(status.consuming()).isEqualTo(3);
        assertThat(status.queues())
                .filteredOn(queue -> queue.name().equals(names.of(REPORTS)))
                .singleElement()
                .extracting(QueueStatus::consumers)
                .isEqualTo(1);

        var tables = CliRun.of(farm.environment(), "status").out();
        assertThat(tables).containsPattern("mails-2@\\S+ +mails ");
        assertThat(tables).containsPattern("reports-1@\\S+ +reports ");
        assertThat(tables).containsPattern(names.of(MAILS) + " +\\d+ ");
        assertThat(metrics())
                .contains("workerfarm_processes{lane=\"mails\",state=\"ready\"} 2\n")
                .contains("workerfarm_processes{lane=\"reports\",state=\"ready\"} 1\n");
    }

    @Test
    void aWorkerWithoutTheLaneOfATaskSaysSoOnce() throws Exception {
        try (var worker = JavaProcess.start(
                farm.environment(),
                WorkerCommand.class,
                "--processes",
                "1",
                "--downloaders",
                "0",
                "--lanes",
                "mails:1",
                "--tasks",
                jars.toString())) {
            await().atMost(SOON)
                    .until(() -> pool.task("any").queue(farm.tasks()).workers() == 1);

            assertThat(worker.errorLines())
                    .filteredOn(line -> line.contains("does not consume"))
                    .singleElement()
                    .asString()
                    .contains(
                            "add reports:4 to FARM_LANES (--lanes) of one",
                            "tasks=[test.gated_report (" + names.of(REPORTS) + ")]");
        }
    }

    @Test
    void aLaneThatIsNoneIsWrongUsage() throws Exception {
        try (var worker = JavaProcess.start(farm.environment(), WorkerCommand.class, "--lanes", "reports")) {
            assertThat(worker.awaitExit(SOON)).isEqualTo(2);
            assertThat(worker.errorLines())
                    .singleElement()
                    .asString()
                    .startsWith("farm worker: --lanes: 'reports' is no lane such as reports:4");
        }
    }

    private List<AsyncResult<Integer>> begin(TaskType<GatedReport.Arguments, Integer> type, int count) {
        return IntStream.range(0, count)
                .mapToObj(n -> pool.applyAsync(type, mark().toString(), gate().toString()))
                .toList();
    }

    private Path mark() {
        return scratch.resolve("mark");
    }

    private Path gate() {
        return scratch.resolve("gate");
    }

    /** What the processes of a queue's lane say. */
    private static List<Integer> held(TaskQueue queue, Function<WorkerStatus, Integer> number)
            throws InterruptedException {
        return client.ask(SOON).workers().stream()
                .filter(worker -> worker.queues().equals(List.of(names.of(queue))))
                .map(number)
                .toList();
    }

    private static String metrics() throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + METRICS_PORT + "/metrics"));
        return HttpClient.newHttpClient()
                .send(request.build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
