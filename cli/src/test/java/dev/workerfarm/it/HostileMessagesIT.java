package dev.workerfarm.it;

import static dev.workerfarm.testkit.TestFarm.bytes;
import static dev.workerfarm.testkit.TestFarm.header;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.task.Download;
import dev.workerfarm.task.Square;
import dev.workerfarm.testkit.Proof;
import dev.workerfarm.testkit.TestFarm;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.ResultCodec;
import dev.workerfarm.worker.Worker;
import dev.workerfarm.worker.WorkerConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/**
 * Every message that a stranger can send: to a task queue, to the control exchange, to a producer's reply queue. After each
 * one a good task is answered, by the same process with the same small heap; at the end nothing waits anywhere, and the
 * process holds hardly more than at the beginning.
 */
@Timeout(120)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Proof
class HostileMessagesIT {
    /** Small, and buffers that are kept for the next long text, as long as there is room, do not count. */
    private static final String HEAP = "-Xmx128m -XX:SoftRefLRUPolicyMSPerMB=0 ";

    private static final long MOST_KEPT_BYTES = 16L * 1024 * 1024;

    private static final Duration SOON = Duration.ofSeconds(10);
    private static final Pattern USED = Pattern.compile("(?:def new|tenured) generation .*used (\\d+)K");

    private static TestFarm farm;
    private static Worker workers;
    private static Pool pool;
    private static String replies;
    private static List<Long> pids;
    private static long heapBefore;
    private static Level logsBefore;

    @BeforeAll
    static void start() throws Exception {
        farm = TestFarm.onSharedServices(HostileMessagesIT.class);
        replies = farm.tasks() + ".answers";
        farm.onBroker(channel -> channel.queueDeclare(replies, true, false, false, null));
        var environment = farm.environment("FARM_PROCESSES", "1");
        environment.put("FARM_DOWNLOADERS", "0");
        environment.put("FARM_JAVA_OPTIONS", HEAP + "-XX:TieredStopAtLevel=1");
        environment.put("FARM_LOG_LEVEL", "ERROR");
        workers = Worker.start(WorkerConfig.from(environment));
        assertThat(workers.awaitReady(Duration.ofSeconds(60))).isTrue();
        pool = farm.connect();
        logsBefore = quieten(Level.ERROR);
        assertWorks();
        pids = workers.pids();
        heapBefore = heapOfTheWorker();
    }

    @AfterAll
    static void stop() throws Exception {
        quieten(logsBefore);
        pool.close();
        workers.close();
        farm.onBroker(channel -> channel.queueDelete(replies));
        farm.close();
    }

    static List<HostileTask> toTheTaskQueue() {
        return HostileTask.all(farm);
    }

    @Order(1)
    @ParameterizedTest
    @MethodSource("toTheTaskQueue")
    void aGoodTaskIsAnsweredBehindOneThatIs(HostileTask row) throws Exception {
        var sent = new HostileMessage();
        sent.header("task", "square").header("id", "id of " + row.name());
        sent.properties(properties -> properties.replyTo(replies).correlationId("hostile"));
        row.change().accept(sent);

        publish("", farm.tasks(), sent);

        assertWorks();
        switch (row.fate()) {
            case DEAD -> {
                assertThat(header(take(farm.dead()), "farm-dead-reason")).isEqualTo(row.word());
                if (sent.answerable) {
                    assertThat(takeAnswer()).isInstanceOf(Outcome.Failed.class);
                }
            }
            case FAILED ->
                assertThat(takeAnswer())
                        .isInstanceOfSatisfying(
                                Outcome.Failed.class,
                                failed -> assertThat(failed.failure().type()).isEqualTo(row.word()));
            case ANSWERED -> assertThat(takeAnswer()).isInstanceOf(Outcome.Succeeded.class);
            case UNHEARD -> {}
        }
        assertSettled();
    }

    static List<HostileWord> toTheControlExchange() {
        return HostileWord.toTheControlExchange();
    }

    @Order(2)
    @ParameterizedTest
    @MethodSource("toTheControlExchange")
    void aWorkerStillHearsBehind(HostileWord junk) throws Exception {
        publish(farm.control(), "", junk.message());

        assertWorks();
        var question = new HostileMessage().body("{\"method\":\"status\",\"arguments\":{}}");
        publish(farm.control(), "", question.properties(properties -> properties.replyTo(replies)));
        assertThat(new String(take(replies).getBody(), StandardCharsets.UTF_8)).startsWith("{\"worker\":\"cpu-1@");
        assertSettled();
    }

    static List<HostileWord> toAReplyQueue() {
        return HostileWord.toAReplyQueue();
    }

    @Order(3)
    @ParameterizedTest
    @MethodSource("toAReplyQueue")
    void aPoolStillHearsBehind(HostileWord junk) throws Exception {
        var idle = farm.tasks() + ".idle";
        farm.onBroker(channel -> channel.queueDeclare(idle, true, false, false, null));
        try {
            var call = pool.task("square").queue(idle).applyAsync(3);
            var question = take(idle).getProps();

            publish("", question.getReplyTo(), junk.message());
            assertWorks();
            assertThat(call.ready()).isFalse();

            var answer = ResultCodec.encode(call.id(), call.id(), new Outcome.Succeeded(9));
            farm.publish(question.getReplyTo(), answer.properties(), answer.body());
            assertThat(call.get(SOON)).isEqualTo(9L);
        } finally {
            farm.onBroker(channel -> channel.queueDelete(idle));
        }
    }

    @Order(4)
    @Test
    void aCallFailsByAnAnswerOfAnotherType() throws Exception {
        var call = pool.applyAsync(Download.TYPE, "http://127.0.0.1/", null); // nobody takes it
        var question = take(farm.downloads()).getProps();
        var answer = ResultCodec.encode(call.id(), call.id(), new Outcome.Succeeded(List.of(7)));
        farm.publish(question.getReplyTo(), answer.properties(), answer.body());

        assertThatThrownBy(() -> call.get(SOON)).isInstanceOf(DecodeException.class);
        assertWorks();
    }

    @Order(5)
    @Test
    void afterAllOfItNothingWaitsAnywhereAndTheWorkerHoldsHardlyMore() throws Exception {
        await("empty queues").atMost(SOON).until(() -> waiting(farm.tasks()) + waiting(farm.dead()) == 0);
        assertThat(workers.pids()).isEqualTo(pids);
        assertThat(heapOfTheWorker() - heapBefore).as(() -> whatIsOnTheHeap()).isLessThan(MOST_KEPT_BYTES);
    }

    private static void publish(String exchange, String queue, HostileMessage sent) throws Exception {
        TestFarm.OnChannel<Boolean> action = channel -> {
            channel.confirmSelect();
            channel.basicPublish(exchange, queue, sent.built(), sent.body);
            try {
                return channel.waitForConfirms(10_000);
            } catch (InterruptedException | TimeoutException e) {
                throw new IOException("not confirmed", e);
            }
        };
        var publishing =
                new FutureTask<>(() -> sent.brokenText ? farm.onBrokerInBrokenText(action) : farm.onBroker(action));
        new Thread(null, publishing, "stranger", 64 << 20).start(); // deep headers are written by recursion
        assertThat(publishing.get(30, TimeUnit.SECONDS)).isTrue();
    }

    /** A good task is answered, by the process that was there from the beginning. */
    private static void assertWorks() {
        assertThat(pool.applyAsync(Square.TYPE, 12).get(SOON)).isEqualTo(144L);
        if (pids != null) {
            assertThat(workers.pids()).isEqualTo(pids);
        }
    }

    /** Nothing more came of it than what was looked at, and nothing of it is held. */
    private static void assertSettled() throws IOException, TimeoutException {
        farm.onBroker(channel -> {
            assertThat(channel.basicGet(farm.dead(), true)).isNull();
            assertThat(channel.basicGet(replies, true)).isNull();
            // A worker that changes its prefetch is no consumer for a moment.
            await("a consumer")
                    .atMost(SOON)
                    .pollInterval(5, TimeUnit.MILLISECONDS)
                    .until(() -> channel.queueDeclarePassive(farm.tasks()).getConsumerCount() > 0);
            return true;
        });
    }

    private static GetResponse take(String queue) throws IOException, TimeoutException {
        return farm.onBroker(channel -> await("a message in " + queue)
                .atMost(SOON)
                .pollInterval(5, TimeUnit.MILLISECONDS)
                .until(() -> channel.basicGet(queue, true), Objects::nonNull));
    }

    private static @Nullable Outcome takeAnswer() throws IOException, TimeoutException {
        var answer = take(replies);
        return ResultCodec.decode(answer.getProps(), answer.getBody()).outcome();
    }

    private static int waiting(String queue) throws IOException, TimeoutException {
        return farm.onBroker(
                (Channel channel) -> channel.queueDeclarePassive(queue).getMessageCount());
    }

    /** What lives on its heap after a full collection. */
    private static long heapOfTheWorker() throws IOException {
        var pid = String.valueOf(workers.pids().get(0));
        jcmd(pid, "GC.run");
        var used = USED.matcher(jcmd(pid, "GC.heap_info"));
        long bytes = 0;
        while (used.find()) {
            bytes += Long.parseLong(used.group(1)) * 1024;
        }
        assertThat(bytes).isPositive();
        return bytes;
    }

    private static String whatIsOnTheHeap() {
        try {
            return jcmd(String.valueOf(workers.pids().get(0)), "GC.class_histogram")
                    .lines()
                    .limit(15)
                    .collect(Collectors.joining("\n"));
        } catch (IOException e) {
            return "unknown: " + e;
        }
    }

    private static String jcmd(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** What a pool says of junk on its reply queue is right, and too much here. */
    private static Level quieten(Level level) {
        var logger = (Logger) LoggerFactory.getLogger("dev.workerfarm.pool");
        var before = logger.getLevel();
        logger.setLevel(level);
        return before;
    }
}
