package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.rabbitmq.client.GetResponse;
import dev.workerfarm.error.TaskFailedException;
import dev.workerfarm.lab.node.PrivateRabbitMq;
import dev.workerfarm.lab.node.PrivateRedis;
import dev.workerfarm.lab.node.RabbitMqNode;
import dev.workerfarm.pool.AsyncResult;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.task.Square;
import dev.workerfarm.testkit.GatedDownload;
import dev.workerfarm.testkit.Poison;
import dev.workerfarm.testkit.Proof;
import dev.workerfarm.testkit.Services;
import dev.workerfarm.testkit.TestFarm;
import dev.workerfarm.worker.Worker;
import dev.workerfarm.worker.WorkerConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/** Tasks that kill their processes, and processes that are killed: who is charged, who is given up, who is spared. */
@Timeout(120)
@Proof
class CrashIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration REPLACED_WITHIN = Duration.ofSeconds(2);

    private static RabbitMqNode rabbitMq;
    private static PrivateRedis redis;
    private static TestFarm farm;
    private static Worker workers;
    private Pool pool;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(
                PrivateRabbitMq.isInstalled() && PrivateRedis.isInstalled(),
                "no rabbitmq-server or redis-server installed on this machine");
        rabbitMq = Services.ownRabbitMq();
        redis = PrivateRedis.start();
        farm = TestFarm.on(rabbitMq.url(), redis.url(), CrashIT.class);
        // Two and not one, so that one may be given what the other has just died of, before anybody knows.
        var environment = farm.environment("FARM_PROCESSES", "2");
        environment.put("FARM_DOWNLOADERS", "1");
        environment.put(
                "FARM_JAVA_OPTIONS",
                // Without a core dump a JVM that crashes ends with exit code 1, else with signal 6.
                "-Xmx256m -XX:TieredStopAtLevel=1 -XX:-CreateCoredumpOnCrash -XX:ErrorFile="
                        + Path.of("target", "hs_err_%p.log").toAbsolutePath());
        workers = Worker.start(WorkerConfig.from(environment));
        assertThat(workers.awaitReady(Duration.ofSeconds(60))).isTrue();
    }

    @AfterAll
    static void stop() {
        for (var each : new AutoCloseable[] {workers, redis, rabbitMq}) {
            if (each != null) {
                try {
                    each.close();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    @BeforeEach
    void connect() throws Exception {
        pool = farm.connect();
        farm.onBroker(channel -> channel.queuePurge(farm.dead()));
    }

    @AfterEach
    void disconnect() {
        pool.close();
    }

    @Test
    void aTaskThatHaltsItsProcessIsGivenUpAfterThreeTriesAndItsPrefetchedNeighboursAreNotCharged() throws Exception {
        pool.task(Square.TYPE).chunkSize(1).map(LongStream.range(0, 100).boxed().toList());
        List<AsyncResult<Object>> results = new ArrayList<>();
        for (int n = 0; n < 50; n++) {
            results.add(pool.applyAsync(Poison.TYPE, log().toString(), n == 25 ? "halt" : "none", n));
        }

        for (int n = 0; n < 50; n++) {
            if (n != 25) {
                assertThat(results.get(n).get(SOON)).isEqualTo((long) n);
            }
        }
        var poison = results.get(25);
        var failure = catchThrowableOfType(TaskFailedException.class, () -> poison.get(SOON));
        assertThat(failure.type()).isEqualTo("WorkerLostError");
        assertThat(failure.text()).contains("3 times: exit=17 host=" + host());

        var letters = awaitLetters(1);
        assertThat(letters).containsOnlyKeys(poison.id());
        assertLetter(letter(letters, poison), "exit=17", "last words of halt");
        assertThat(runs("halt 25")).isEqualTo(3);
        assertThat(charges(results)).isEqualTo(Map.of(poison.id(), 3L));
    }

    @Test
    void howeverATaskEndsItsProcessItsLetterSaysHow() throws Exception {
        record Case(String kind, String ending, AsyncResult<Object> result) {}
        var cases = Map.of("kill", "signal=9", "memory", "exit=72", "crash", "exit=1").entrySet().stream()
                .map(each -> new Case(
                        each.getKey(),
                        each.getValue(),
                        pool.applyAsync(Poison.TYPE, log().toString(), each.getKey(), 1)))
                .toList();

        for (var each : cases) {
            var failure = catchThrowableOfType(
                    TaskFailedException.class, () -> each.result().get(SOON));
            assertThat(failure.type()).as(each.kind()).isEqualTo("WorkerLostError");
            assertThat(failure.text()).contains(each.ending() + " host=" + host());
        }
        var letters = awaitLetters(cases.size());
        for (var each : cases) {
            // A JVM that crashes has a long last word of its own.
            var lastWords = each.kind().equals("crash") ? "SIGSEGV" : "last words of " + each.kind();
            assertLetter(letter(letters, each.result()), each.ending(), lastWords);
            assertThat(runs(each.kind() + " 1")).as(each.kind()).isEqualTo(3);
        }
    }

    @Test
    void withoutRedisTheParentRemembers() throws Exception {
        try (var lonely = TestFarm.on(rabbitMq.url(), "redis://127.0.0.1:1/0", Poison.class);
                var worker = lonely.startWorkers(1, 0);
                var itsPool = lonely.connect()) {
            var result = itsPool.applyAsync(Poison.TYPE, log().toString(), "halt", 7);

            var failure = catchThrowableOfType(TaskFailedException.class, () -> result.get(SOON));
            assertThat(failure.type()).isEqualTo("WorkerLostError");
            assertThat(runs("halt 7")).isEqualTo(3);
            assertThat(worker.pids()).hasSize(1);
        }
    }

    @Test
    void ofAChunkOnlyTheItemThatKillsItsProcessFails() throws Exception {
        var items = IntStream.range(0, 5_000)
                .mapToObj(n -> List.<Object>of(n == 3_333 ? log().toString() : "", n == 3_333 ? "halt" : "none", n))
                .toList();

        var outcomes =
                pool.task(Poison.TYPE).chunkSize(5_000).starOutcomes(items).toList();

        assertThat(outcomes).hasSize(5_000);
        for (int n = 0; n < 5_000; n++) {
            if (n != 3_333) {
                assertThat(outcomes.get(n).value()).isEqualTo((long) n);
            }
        }
        assertThat(outcomes.get(3_333).failure()).isNotNull().satisfies(failure -> {
            assertThat(failure.type()).isEqualTo("WorkerLostError");
            assertThat(failure.text()).contains("exit=17");
        });
        assertThat(runs("halt 3333")).isEqualTo(3);
        var letter = awaitLetters(1).get(outcomes.get(3_333).id());
        assertThat(letter).isNotNull().satisfies(item -> {
            assertLetter(item, "exit=17", "last words of halt");
            assertThat(new String(item.getBody(), StandardCharsets.UTF_8)).contains("\"start\":3333", "\"halt\"");
        });
    }

    @Test
    void aKilledProcessChargesWhatItRanOnceAndEachThenRunsAlone() throws Exception {
        var gate = folder.resolve("gate");
        List<AsyncResult<Object>> results = new ArrayList<>();
        for (int n = 0; n < 5; n++) {
            results.add(pool.applyAsync(
                    GatedDownload.TYPE, folder.resolve("mark" + n).toString(), gate.toString()));
        }
        await("all run")
                .atMost(SOON)
                .until(() -> IntStream.range(0, 5).allMatch(n -> Files.exists(folder.resolve("mark" + n))));
        var downloader = workers.pids().get(2);

        ProcessHandle.of(downloader).orElseThrow().destroyForcibly();
        Files.createFile(gate);

        for (var result : results) {
            assertThat(result.get(SOON)).as("how many ran at a time").isEqualTo(1L);
        }
        var once = results.stream().collect(Collectors.toMap(AsyncResult::id, result -> 1L));
        await("the notes of what runs are gone")
                .atMost(SOON)
                .untilAsserted(() -> assertThat(charges(results)).isEqualTo(once));
        assertThat(farm.waiting(farm.dead())).isZero();
    }

    @Test
    void aReplacementConsumesWithinTwoSeconds() throws Exception {
        for (int n = 0; n < 2; n++) {
            var killed = workers.pids().get(0);
            var since = System.nanoTime();

            ProcessHandle.of(killed).orElseThrow().destroyForcibly();

            await("a replacement")
                    .pollInterval(Duration.ofMillis(5))
                    .atMost(SOON)
                    .until(() -> {
                        var pids = workers.pids();
                        return pids.size() == 3 && !pids.contains(killed);
                    });
            assertThat(workers.awaitReady(SOON)).isTrue();
            var took = Duration.ofNanos(System.nanoTime() - since);
            System.out.println("dead child to consuming child: " + took.toMillis() + " ms");
            assertThat(took).isLessThan(REPLACED_WITHIN);
        }
    }

    private static String host() throws IOException {
        return InetAddress.getLocalHost().getHostName();
    }

    private static void assertLetter(GetResponse letter, String ending, String lastWords) throws IOException {
        assertThat(header(letter, "farm-dead-reason")).isEqualTo("worker-lost");
        assertThat(header(letter, "farm-dead-failure")).contains(ending, "host=" + host());
        assertThat(header(letter, "farm-dead-stack")).contains(ending, lastWords);
    }

    private static GetResponse letter(Map<String, GetResponse> letters, AsyncResult<?> result) {
        return Objects.requireNonNull(letters.get(result.id()));
    }

    private static String header(GetResponse letter, String name) {
        return TestFarm.header(letter, name);
    }

    /** All dead letters, by their messages' ids, and no more than so many. */
    private static Map<String, GetResponse> awaitLetters(int count) throws Exception {
        await("dead letters").atMost(SOON).until(() -> farm.waiting(farm.dead()) >= count);
        Map<String, GetResponse> letters = new TreeMap<>();
        farm.onBroker(channel -> {
            for (var letter = channel.basicGet(farm.dead(), true);
                    letter != null;
                    letter = channel.basicGet(farm.dead(), true)) {
                letters.put(header(letter, "id"), letter);
            }
            return true;
        });
        assertThat(letters).hasSize(count);
        return letters;
    }

    private Path log() {
        return folder.resolve("runs");
    }

    private long runs(String line) throws IOException {
        return Files.readAllLines(log()).stream().filter(line::equals).count();
    }

    /** How many processes are noted for each of these messages, if any. */
    private static Map<String, Long> charges(List<? extends AsyncResult<?>> messages) {
        Map<String, Long> charges = new TreeMap<>();
        try (var client = new Jedis(URI.create(redis.url()))) {
            var namespace = farm.environment().get("FARM_NAMESPACE");
            for (var message : messages) {
                var noted = client.hlen("{" + namespace + "}:crashes:" + message.id());
                if (noted > 0) {
                    charges.put(message.id(), noted);
                }
            }
        }
        return charges;
    }
}
