package dev.workerfarm.it;

import static dev.workerfarm.testkit.TestFarm.bytes;
import static dev.workerfarm.testkit.TestFarm.header;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.error.BrokerUnreachableException;
import dev.workerfarm.error.PublishException;
import dev.workerfarm.error.ResultTimeoutException;
import dev.workerfarm.error.TaskCancelledException;
import dev.workerfarm.error.TaskFailedException;
import dev.workerfarm.pool.ItemOutcome;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.shared.Typecode;
import dev.workerfarm.task.BuiltIn.Echo;
import dev.workerfarm.task.BuiltIn.Fail;
import dev.workerfarm.task.BuiltIn.Sleep;
import dev.workerfarm.task.Square;
import dev.workerfarm.task.UpdateArray;
import dev.workerfarm.task.UpdateValue;
import dev.workerfarm.testkit.Gated;
import dev.workerfarm.testkit.TestFarm;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.ResultCodec;
import dev.workerfarm.wire.task.TaskCodec;
import dev.workerfarm.wire.task.TaskMessage;
import dev.workerfarm.worker.Worker;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a caller may rely on, with real worker processes, on whatever services this run has. */
@Timeout(60)
class PoolContractIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    private static final BigInteger TWO_TO_80 = BigInteger.TWO.pow(80);

    private static TestFarm farm;
    private static Worker workers;
    private static Pool pool;

    @BeforeAll
    static void start() {
        farm = TestFarm.onSharedServices(PoolContractIT.class);
        workers = farm.startWorkers(2, 1);
        pool = farm.connect();
    }

    @AfterAll
    static void stop() {
        pool.close();
        workers.close();
        farm.close();
    }

    // Python's Pool

    @Test
    void mapsByTypeAndByName() {
        assertThat(pool.map(Square.TYPE, List.of(1, 2, 3, 4, 5))).isEqualTo(List.of(1L, 4L, 9L, 16L, 25L));
        assertThat(pool.task("square").map(List.of(1, -2, 0.5))).isEqualTo(List.of(1L, 4L, 0.25));
        assertThat(pool.map(Square.TYPE, List.of(new Square(7)))).isEqualTo(List.of(49L));
        assertThat(pool.map(Square.TYPE, List.of())).isEmpty();
    }

    @Test
    void starmapsByTypeAndByName() {
        assertThat(pool.starmap(Sleep.TYPE, List.of(List.of(0, "a"), List.of(1, "b"))))
                .isEqualTo(List.of("a", "b"));
        assertThat(pool.task("square").starmap(List.of(List.of(3), List.of(4)))).isEqualTo(List.of(9L, 16L));
    }

    @Test
    void appliesByTypeAndByName() {
        assertThat(pool.apply(Square.TYPE, 12)).isEqualTo(144L);
        assertThat(pool.task("square").apply(12)).isEqualTo(144L);
        assertThat(pool.task("square")
                        .queue(farm.tasks())
                        .kwargs(Map.of("n", 9))
                        .applyAsync()
                        .get())
                .isEqualTo(81L);
        assertThat(pool.apply(Sleep.TYPE, new Sleep(0, "record"))).isEqualTo("record");
    }

    @Test
    void startsAndJoinsAsAProcess() {
        var process = pool.start(Sleep.TYPE, 100, "done");

        process.join();

        assertThat(process.ready()).isTrue();
        assertThat(process.successful()).isTrue();
        assertThat(process.get()).isEqualTo("done");
    }

    @Test
    void keepsTheOrderHoweverLongItemsTake() {
        var args = IntStream.range(0, 20).mapToObj(i -> List.of(i % 3 * 30, i)).toList();

        assertThat(pool.task(Sleep.TYPE).chunkSize(1).starmap(args))
                .isEqualTo(LongStream.range(0, 20).boxed().toList());
    }

    @Test
    void nothingWaitsBehindALongTaskWhileAnotherWorkerIsIdle(@TempDir Path folder) throws Exception {
        var mark = folder.resolve("mark");
        var gate = folder.resolve("gate");
        var runs = pool.applyAsync(Gated.TYPE, new Gated.Arguments(mark.toString(), gate.toString(), "done"));
        try {
            await("it is known to be long")
                    .atMost(SOON)
                    .until(() -> pool.task("any").queue(farm.tasks()).workers() == 1);

            for (int n = 0; n < 20; n++) {
                assertThat(pool.applyAsync(Square.TYPE, n).get(SOON)).isEqualTo((long) n * n);
            }
            assertThat(runs.ready()).isFalse();
        } finally {
            Files.createFile(gate);
        }
        assertThat(runs.get(SOON)).isEqualTo("done");
        await("it takes the next")
                .atMost(SOON)
                .until(() -> pool.task("any").queue(farm.tasks()).workers() == 2);
    }

    @Test
    void mapsTwentyThousandItemsInOrder() {
        var items = IntStream.range(0, 20_000).boxed().toList();
        var squares = LongStream.range(0, 20_000).map(n -> n * n).boxed().toList();

        assertThat(pool.map(Square.TYPE, items)).isEqualTo(squares);
        assertThat(pool.mapAsync(Square.TYPE, items).get(Duration.ofSeconds(60)))
                .isEqualTo(squares);
    }

    @Test
    void mapsWithChunksOfOneItem() {
        var items = IntStream.range(0, 500).boxed().toList();

        assertThat(pool.task(Square.TYPE).chunkSize(1).map(items))
                .isEqualTo(LongStream.range(0, 500).map(n -> n * n).boxed().toList());
    }

    @Test
    void mapsAnIterableThatKnowsNoSize() {
        Iterable<Integer> items = () -> IntStream.range(0, 1000).iterator();

        assertThat(pool.map(Square.TYPE, items)).hasSize(1000).last().isEqualTo(998_001L);
    }

    // Failures

    @Test
    void anErrorOfTheInputIsThrownAsItIsAndThePoolStillEnds() {
        var own = farm.connect();
        Iterable<Integer> failing = () -> Stream.of(1, 2, 3)
                .peek(n -> {
                    if (n == 3) {
                        throw new AssertionError("no third");
                    }
                })
                .iterator();

        assertThatThrownBy(() -> own.map(Square.TYPE, failing))
                .isInstanceOf(AssertionError.class)
                .hasMessage("no third");
        own.close();
        assertThat(own.join(Duration.ofSeconds(20))).isTrue();
    }

    @Test
    void mapThrowsTheFirstFailureByIndex() {
        var items = new ArrayList<Object>(List.of(1, 2, "three", 4, "five"));

        var failure = catchThrowableOfType(TaskFailedException.class, () -> pool.map(Square.TYPE, items));

        assertThat(failure.type()).isEqualTo("TypeError");
        assertThat(failure.taskId()).endsWith(":2");
        assertThat(failure.text()).contains("three");
    }

    @Test
    void outcomesGiveEveryItemsOwn() {
        List<List<Object>> args = List.of(List.of(1), List.of("x"), List.of(3), List.of(), List.of(5));

        for (int chunkSize : new int[] {1, 3, 100}) {
            List<ItemOutcome<Object>> outcomes = outcomes(args, chunkSize);

            assertThat(outcomes).extracting(ItemOutcome::index).containsExactly(0L, 1L, 2L, 3L, 4L);
            assertThat(outcomes.get(0).value()).isEqualTo(1L);
            assertThat(outcomes.get(2).value()).isEqualTo(9L);
            assertThat(outcomes.get(4).value()).isEqualTo(25L);
            assertThatThrownBy(() -> outcomes.get(1).value()).hasMessageContaining("TypeError");
            assertThatThrownBy(() -> outcomes.get(3).value()).hasMessageContaining("missing required argument 'n'");
        }
    }

    @Test
    void aResultThatCannotTravelFailsAloneAndNotItsNeighbours() {
        var tooLongSquared = BigInteger.TEN.pow(2_200);
        List<List<Object>> args = List.of(List.of(2), List.of(tooLongSquared), List.of(4));

        var outcomes = outcomes(args, 3);

        assertThat(outcomes.get(0).value()).isEqualTo(4L);
        assertThat(outcomes.get(2).value()).isEqualTo(16L);
        assertThatThrownBy(() -> outcomes.get(1).value())
                .isInstanceOf(TaskFailedException.class)
                .hasMessageContaining("ValueError")
                .hasMessageContaining("4300");
    }

    @Test
    void anArgumentThatCannotTravelFailsAloneAndNotItsNeighbours() {
        List<List<Object>> args = List.of(List.of(2), List.of(BigInteger.TEN.pow(5_000)), List.of(4));

        var outcomes = outcomes(args, 3);

        assertThat(outcomes.get(0).value()).isEqualTo(4L);
        assertThat(outcomes.get(2).value()).isEqualTo(16L);
        assertThatThrownBy(() -> outcomes.get(1).value()).hasMessageContaining("ValueError");
    }

    @Test
    void aTasksFailureSaysWhatTheWorkerSaw() {
        var failure = catchThrowableOfType(TaskFailedException.class, () -> pool.apply(Fail.TYPE, "no luck today"));

        assertThat(failure.text()).isEqualTo("no luck today");
        assertThat(failure.remoteStack()).contains("ShortTask");
        assertThat(pool.applyAsync(Fail.TYPE, "again").await(Duration.ofSeconds(20)))
                .isTrue();
    }

    @Test
    void anUnknownTaskIsNotRegisteredAndGoesToTheDeadLetters() {
        var call = pool.task("no_such_task").applyAsync(1);

        var failure = catchThrowableOfType(TaskFailedException.class, call::get);

        assertThat(failure.type()).isEqualTo("NotRegistered");
        assertThat(failure.text()).startsWith("no_such_task: the worker cpu-").contains("need the same tasks");
        var letter = farm.awaitDeadLetter(call.id());
        assertThat(header(letter, "farm-dead-reason")).isEqualTo("unknown-task");
        assertThat(header(letter, "task")).isEqualTo("no_such_task");
    }

    @Test
    void aVirtualHostThatIsNotThereIsNamed() {
        var broker = farm.broker();
        var url = "amqp://" + broker.user() + ":" + broker.password() + "@" + broker.hostList() + "/nov";

        assertThatThrownBy(() -> Pool.builder().broker(url).connect())
                .isInstanceOf(BrokerUnreachableException.class)
                .hasMessageStartingWith("the broker at " + broker.hostList() + " has no virtual host 'nov', or user '"
                        + broker.user() + "' may not use it (")
                .hasMessageEndingWith("): check FARM_AMQP_URL");
    }

    @Test
    void wrongArgumentsAreATypeErrorAndGoToTheDeadLetters() {
        var call = pool.applyAsync(Square.TYPE, 1, 2);

        var failure = catchThrowableOfType(TaskFailedException.class, call::get);

        assertThat(failure.type()).isEqualTo("TypeError");
        assertThat(failure.text()).isEqualTo("square() takes 1 argument but 2 were given");
        assertThat(header(farm.awaitDeadLetter(call.id()), "farm-dead-reason")).isEqualTo("wrong-arguments");
    }

    // What strangers send

    @Test
    void aMessageOfAnotherContentTypeGoesToTheDeadLettersAndTheNextTaskIsAnswered() throws Exception {
        var id = UUID.randomUUID().toString();
        farm.publish(
                farm.tasks(),
                stranger(id).contentType("application/x-python-serialize").build(),
                bytes("\u0080"));

        assertThat(pool.apply(Square.TYPE, 3)).isEqualTo(9L);
        assertThat(header(farm.awaitDeadLetter(id), "farm-dead-reason")).isEqualTo("undecodable");
    }

    @Test
    void garbageGoesToTheDeadLettersAndTheNextTaskIsAnswered() throws Exception {
        for (var body : List.of("", "garbage", "[1, 2]", "[[1], {}", "{}", "[".repeat(100_000), "[[1], {}, {}] x")) {
            var id = UUID.randomUUID().toString();
            farm.publish(farm.tasks(), stranger(id).build(), bytes(body));

            assertThat(farm.awaitDeadLetter(id).getBody()).isEqualTo(bytes(body));
        }
        farm.publish(farm.tasks(), new AMQP.BasicProperties(), bytes("not even properties"));
        farm.awaitDeadLetter(letter -> Arrays.equals(letter.getBody(), bytes("not even properties")));

        assertThat(pool.apply(Square.TYPE, 3)).isEqualTo(9L);
    }

    @Test
    void aTaskIdThatNoReplyCanCarryDoesNotStopTheWorker() throws Exception {
        // 200 characters, but 400 bytes: too many for AMQP's correlation id, which the reply takes from the task's id.
        for (int i = 0; i < 4; i++) {
            var properties = stranger("é".repeat(199) + i)
                    .correlationId(null)
                    .replyTo("no.such.queue")
                    .build();
            farm.publish(farm.tasks(), properties, bytes("[[2], {}, null]"));
        }

        for (int i = 0; i < 20; i++) {
            assertThat(pool.applyAsync(Square.TYPE, i).get(Duration.ofSeconds(20)))
                    .isEqualTo((long) i * i);
        }
    }

    @Test
    void answersCelerysMapAndStarmap() {
        Map<String, Object> signature = Map.of("task", "square", "args", List.of(), "kwargs", Map.of());

        assertThat(pool.task("celery.map")
                        .queue(farm.tasks())
                        .kwargs(celery(signature, List.of(1, 2, 3)))
                        .applyAsync()
                        .get())
                .isEqualTo(List.of(1L, 4L, 9L));
        assertThat(pool.task("celery.starmap")
                        .queue(farm.tasks())
                        .kwargs(celery(signature, List.of(List.of(4), List.of(5))))
                        .applyAsync()
                        .get())
                .isEqualTo(List.of(16L, 25L));
        assertThatThrownBy(() -> pool.task("celery.map")
                        .queue(farm.tasks())
                        .kwargs(celery(signature, List.of(1, "x")))
                        .applyAsync()
                        .get())
                .isInstanceOf(TaskFailedException.class)
                .hasMessageContaining("TypeError");
    }

    // Waiting

    @Test
    void aResultMayBeWaitedForInEveryWay() throws Exception {
        var result = pool.applyAsync(Sleep.TYPE, 1_500, "slept");

        assertThat(result.ready()).isFalse();
        assertThatThrownBy(result::successful).isInstanceOf(IllegalStateException.class);
        assertThat(result.await(Duration.ofMillis(10))).isFalse();
        assertThatThrownBy(() -> result.get(Duration.ofMillis(10)))
                .isInstanceOf(ResultTimeoutException.class)
                .hasMessageContaining(result.id());
        assertThat(result.toCompletionStage()
                        .thenApply(value -> value + "!")
                        .toCompletableFuture()
                        .get(20, TimeUnit.SECONDS))
                .isEqualTo("slept!");
        assertThat(result.get(Duration.ZERO)).isEqualTo("slept");
        assertThat(result.successful()).isTrue();

        var failed = pool.applyAsync(Fail.TYPE, "text");
        failed.join();
        assertThat(failed.ready()).isTrue();
        assertThat(failed.successful()).isFalse();
        assertThat(failed.toCompletionStage().toCompletableFuture()).failsWithin(Duration.ofSeconds(5));
    }

    @Test
    void whatDependsOnAFailedStageMayCallThePool() throws Exception {
        var squared = pool.applyAsync(Fail.TYPE, "no")
                .toCompletionStage()
                .handle((value, failed) -> "")
                .thenCompose(text -> pool.applyAsync(Square.TYPE, 2).toCompletionStage());
        assertThat(squared.toCompletableFuture().get(20, TimeUnit.SECONDS)).isEqualTo(4L);

        var instead = pool.applyAsync(Fail.TYPE, "no")
                .toCompletionStage()
                .exceptionally(failed -> String.valueOf(pool.apply(Square.TYPE, 3)));
        assertThat(instead.toCompletableFuture().get(20, TimeUnit.SECONDS)).isEqualTo("9");
    }

    @Test
    void timeoutsOfAnyLengthAreTaken() {
        var ages = Duration.ofSeconds(Long.MAX_VALUE);

        assertThat(pool.applyAsync(Square.TYPE, 2).get(ages)).isEqualTo(4L);
        assertThat(pool.task(Square.TYPE).timeout(Duration.ofDays(365_000)).map(List.of(2, 3)))
                .isEqualTo(List.of(4L, 9L));
        try (var results = pool.imap(Square.TYPE, List.of(4))) {
            assertThat(results.next(ages)).isEqualTo(16L);
        }
        var leaving = farm.connect();
        leaving.close();
        assertThat(leaving.join(ages)).isTrue();
    }

    @Test
    void aMapThatTakesTooLongIsATimeout() {
        var hurried = pool.task(Sleep.TYPE).chunkSize(1).timeout(Duration.ofMillis(200));

        assertThatThrownBy(() -> hurried.map(List.of(1_000, 1_000))).isInstanceOf(ResultTimeoutException.class);
    }

    // Values

    @Test
    void echoesEveryKindOfValue() {
        Map<String, Object> nested = new LinkedHashMap<>();
        nested.put("list", List.of(1L, List.of(2L, Map.of("deep", List.of()))));
        nested.put("none", null);
        nested.put("", true);
        List<Object> values = new ArrayList<>(List.of(
                nested,
                TWO_TO_80,
                TWO_TO_80.negate(),
                Long.MIN_VALUE,
                1L,
                1.0,
                Double.NaN,
                Double.POSITIVE_INFINITY,
                -0.0,
                Double.MIN_VALUE,
                "emoji \uD83D\uDC1D, é, \u0000, \"quoted\"",
                "",
                false));
        values.add(null);

        assertThat(pool.apply(Echo.TYPE, values.toArray())).isEqualTo(List.of(values, Map.of()));
        assertThat(pool.task("echo").kwargs(nested).apply()).isEqualTo(List.of(List.of(), nested));
        assertThat(pool.task("echo").map(values))
                .isEqualTo(values.stream()
                        .map(value -> Arrays.asList(Collections.singletonList(value), Map.of()))
                        .toList());
        assertThat(pool.apply(Square.TYPE, TWO_TO_80)).isEqualTo(TWO_TO_80.pow(2));
    }

    @Test
    void takesAResultOfFiveMegabytes() {
        var text = "0123456789".repeat(500_000);

        assertThat(pool.apply(Sleep.TYPE, 0, text)).isEqualTo(text);
        assertThat(pool.starmap(Sleep.TYPE, List.of(List.of(0, text), List.of(0, "next"))))
                .isEqualTo(List.of(text, "next"));
    }

    @Test
    void aResultOfMoreThanSixteenMebibytesIsANamedFailure() throws Exception {
        // Two bytes a character as it comes, six as it would go: JSON in ASCII.
        var body = bytes("[[0, \"" + "é".repeat(3_000_000) + "\"], {}, null]");
        var id = UUID.randomUUID().toString();
        var headers = TaskCodec.encode(TaskMessage.of(id, "sleep", List.of(), Map.of(), null, Map.of()));
        farm.onBroker(channel -> {
            var replies = channel.queueDeclare().getQueue();
            channel.basicPublish(
                    "",
                    farm.tasks(),
                    headers.properties().builder().replyTo(replies).build(),
                    body);

            var reply = await().atMost(Duration.ofSeconds(30))
                    .until(() -> channel.basicGet(replies, true), got -> got != null);

            var result = ResultCodec.decode(reply.getProps(), reply.getBody());
            assertThat(result.taskId()).isEqualTo(id);
            assertThat(result.outcome())
                    .isInstanceOfSatisfying(
                            Outcome.Failed.class,
                            failed -> assertThat(failed.failure())
                                    .satisfies(failure ->
                                            assertThat(failure.type()).isEqualTo("ValueError"))
                                    .satisfies(failure ->
                                            assertThat(failure.text()).contains("more than 16777216")));
            return true;
        });
        assertThat(pool.apply(Square.TYPE, 3)).isEqualTo(9L);
    }

    // Shared state

    @Test
    void updatesASharedValueExactly() {
        try (var shared = farm.shared()) {
            var value = shared.value("updatesASharedValueExactly");
            value.make(Typecode.I, 1L << 60);
            try {
                pool.starmap(UpdateValue.TYPE, Collections.nCopies(500, List.of(value.name(), 3)));

                assertThat(value.get()).isEqualTo((1L << 60) + 1_500);
                assertThat(pool.apply(UpdateValue.TYPE, value.name(), -1)).isEqualTo((1L << 60) + 1_499);
            } finally {
                value.delete();
            }
        }
    }

    @Test
    void updatesASharedArrayExactly() {
        try (var shared = farm.shared()) {
            var array = shared.array("updatesASharedArrayExactly");
            array.make(List.of(0, 1L << 60, -5));
            try {
                var calls = Collections.nCopies(20, List.of(array.name(), 2));
                pool.task(UpdateArray.TYPE).chunkSize(1).starmap(calls);

                assertThat(array.toList()).isEqualTo(List.of(40L, (1L << 60) + 40, 35L));
            } finally {
                array.delete();
            }
        }
    }

    @Test
    void aSharedValueThatWouldOverflowFailsAndIsUnchanged() {
        try (var shared = farm.shared()) {
            var value = shared.value("aSharedValueThatWouldOverflow");
            value.make(Typecode.I, Long.MAX_VALUE);
            try {
                assertThatThrownBy(() -> pool.apply(UpdateValue.TYPE, value.name(), 1))
                        .isInstanceOf(TaskFailedException.class)
                        .hasMessageContaining("overflow");
                assertThat(value.get()).isEqualTo(Long.MAX_VALUE);
            } finally {
                value.delete();
            }
        }
    }

    // Pools

    @Test
    void severalPoolsInOneJvmDoNotMeet() {
        try (var one = farm.connect();
                var two = farm.connect()) {
            var first =
                    one.mapAsync(Square.TYPE, IntStream.range(0, 500).boxed().toList());
            var second =
                    two.mapAsync(Square.TYPE, IntStream.range(500, 1000).boxed().toList());

            assertThat(first.get(Duration.ofSeconds(60))).first().isEqualTo(0L);
            assertThat(second.get(Duration.ofSeconds(60))).first().isEqualTo(250_000L);
        }
    }

    @Test
    void aQueueThatCannotBeIsAFailureAndThePoolGoesOn() {
        try (var own = farm.connect()) {
            for (var queue : List.of("no.such.queue", "q".repeat(256))) {
                assertThatThrownBy(() ->
                                own.task("square").queue(queue).applyAsync(2).get(Duration.ofSeconds(20)))
                        .isInstanceOf(PublishException.class);
                assertThat(own.applyAsync(Square.TYPE, 3).get(Duration.ofSeconds(20)))
                        .isEqualTo(9L);
            }
        }
    }

    @Test
    void onePoolServesEightThreads() throws Exception {
        var threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Boolean>> calls = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                long base = t * 1_000L;
                calls.add(() -> {
                    for (long n = base; n < base + 50; n++) {
                        assertThat(pool.apply(Square.TYPE, n)).isEqualTo(n * n);
                    }
                    assertThat(pool.map(Square.TYPE, List.of(base, base + 1)))
                            .isEqualTo(List.of(base * base, (base + 1) * (base + 1)));
                    return true;
                });
            }
            for (var end : threads.invokeAll(calls)) {
                assertThat(end.get()).isTrue();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aTerminatedPoolLeavesNoReplyQueueAndFailsWhatIsAwaited() {
        String replies;
        var leaving = farm.connect();
        try {
            var seen = leaving.task("no_such_task").applyAsync();
            assertThatThrownBy(seen::get).hasMessageContaining("NotRegistered");
            replies = farm.awaitDeadLetter(seen.id()).getProps().getReplyTo();
            assertThat(exists(replies)).isTrue();
            var awaited = leaving.applyAsync(Sleep.TYPE, 2_000);
            leaving.terminate();
            assertThatThrownBy(awaited::get)
                    .isInstanceOf(TaskCancelledException.class)
                    .hasMessageContaining(awaited.id());
        } finally {
            leaving.close();
        }

        assertThat(exists(replies)).isFalse();
    }

    private static boolean exists(String queue) {
        try {
            return farm.onBroker(channel -> channel.queueDeclarePassive(queue).getQueue()) != null;
        } catch (IOException e) {
            return false;
        } catch (java.util.concurrent.TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<ItemOutcome<Object>> outcomes(List<List<Object>> args, int chunkSize) {
        return pool.task("square").chunkSize(chunkSize).starOutcomes(args).toList();
    }

    private static AMQP.BasicProperties.Builder stranger(String id) {
        return new AMQP.BasicProperties.Builder()
                .contentType("application/json")
                .contentEncoding("utf-8")
                .correlationId(id)
                .headers(Map.of("id", id, "task", "square"));
    }

    private static Map<String, Object> celery(Map<String, Object> signature, List<?> items) {
        return Map.of("task", signature, "it", items);
    }
}
