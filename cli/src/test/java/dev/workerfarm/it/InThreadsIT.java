package dev.workerfarm.it;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.error.PoolFailedException;
import dev.workerfarm.error.TaskFailedException;
import dev.workerfarm.local.LocalFarm;
import dev.workerfarm.task.RetryPolicy;
import dev.workerfarm.task.Square;
import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskQueue;
import dev.workerfarm.task.TaskType;
import dev.workerfarm.task.TimeLimits;
import dev.workerfarm.testkit.TaskJar;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.MDC;

/** A farm whose workers are threads of this JVM. */
@Timeout(60)
class InThreadsIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    /** The argument record of the tasks in these tests. */
    public record Word(String word) {
        static final TaskType<Word, String> TYPE = TaskType.of("test.word", Word.class, String.class);
    }

    private static LocalFarm.Builder farm(int workers) {
        return LocalFarm.builder()
                .workers(workers)
                .variables(Map.of("FARM_DOWNLOADERS", "0"))
                .inThreads();
    }

    /** The farm's threads, but those for callbacks of a pool, which end a minute later. */
    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("workerfarm-"))
                .filter(thread -> !thread.getName().equals("workerfarm-pool"))
                .collect(Collectors.toSet());
    }

    @Test
    void aLambdaAnswersFromThisJvmWhichStaysAsItIsAndNothingIsLeft() {
        var processes = ProcessHandle.current().descendants().toList();
        var threads = threads();
        var out = System.out;
        var err = System.err;
        var ran = ConcurrentHashMap.<Thread>newKeySet();
        var since = System.nanoTime();
        try (var farm = LocalFarm.builder()
                .workers(2)
                .task(Word.TYPE, (word, context) -> {
                    ran.add(Thread.currentThread());
                    assertThat(MDC.get("taskId")).isEqualTo(context.id());
                    assertThat(MDC.get("task")).isEqualTo("test.word");
                    return "Hello " + word.word();
                })
                .inThreads()
                .start()) {
            System.out.println("in threads, ready after "
                    + Duration.ofNanos(System.nanoTime() - since).toMillis() + " ms");

            assertThat(farm.pool().apply(Word.TYPE, "Ann")).isEqualTo("Hello Ann");

            assertThat(ran).singleElement().matches(Thread::isDaemon).matches(Thread::isAlive);
            assertThat(farm.pool()
                            .map(Square.TYPE, LongStream.range(0, 1_000).boxed().toList()))
                    .isEqualTo(
                            LongStream.range(0, 1_000).map(n -> n * n).boxed().toList());
            assertThat(farm.workerPids()).isEmpty();
            assertThat(System.out).isSameAs(out);
            assertThat(System.err).isSameAs(err);
        }
        await().atMost(SOON).untilAsserted(() -> {
            assertThat(threads()).isSubsetOf(threads);
            assertThat(ProcessHandle.current().descendants().toList()).isSubsetOf(processes);
        });
    }

    @Test
    void aTaskOnAQueueOfItsOwnIsConsumedUnasked() {
        var type = Word.TYPE.on(TaskQueue.named("words", 2));
        var together = new CyclicBarrier(2);
        try (var farm = farm(1).task(type, (word, context) -> {
                    together.await(SOON.toSeconds(), TimeUnit.SECONDS);
                    return word.word();
                })
                .start()) {
            var first = farm.pool().applyAsync(type, "a");

            assertThat(farm.pool().task(type).timeout(SOON).apply("b")).isEqualTo("b");
            assertThat(first.get(SOON)).isEqualTo("a");
        }
    }

    @Test
    @Timeout(15)
    void aCloseDoesNotWaitForATaskThatRuns() throws InterruptedException {
        var began = new CountDownLatch(1);
        var interrupted = new CountDownLatch(1);
        try (var farm = farm(1).task(Word.TYPE, (word, context) -> {
                    began.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } finally {
                        interrupted.countDown();
                    }
                    return word.word();
                })
                .start()) {
            farm.pool().applyAsync(Word.TYPE, "waits");
            began.await();
        }
        assertThat(interrupted.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void asManyRunAtATimeAsThereAreWorkers() {
        var together = new CyclicBarrier(3);
        try (var farm = farm(3).task(Word.TYPE, (word, context) -> {
                    together.await(SOON.toSeconds(), TimeUnit.SECONDS);
                    return word.word();
                })
                .start()) {
            var results = List.of("a", "b", "c").stream()
                    .map(word -> farm.pool().applyAsync(Word.TYPE, word))
                    .toList();

            assertThat(results).extracting(result -> result.get(SOON)).containsExactly("a", "b", "c");
        }
    }

    @Test
    void sharedStateCountsOnceAlsoAfterARetry() {
        var attempts = new AtomicInteger();
        var type = Word.TYPE.withSharedState().withRetry(RetryPolicy.of(3).withFirst(Duration.ofMillis(10)));
        try (var farm = farm(1).task(type, (word, context) -> {
                    context.shared().value(word.word()).add(1);
                    if (attempts.incrementAndGet() < 3) {
                        throw new IOException("on purpose");
                    }
                    return "attempt " + context.attempt();
                })
                .start()) {
            farm.shared().value("count").set(40L);

            assertThat(farm.pool().apply(type, "count")).isEqualTo("attempt 2");

            assertThat(attempts).hasValue(3);
            assertThat(farm.shared().value("count").get()).isEqualTo(41L);
        }
    }

    @Test
    void aSoftLimitInterruptsAndTheThreadGoesOn() {
        var threads = ConcurrentHashMap.<Thread>newKeySet();
        var type = Word.TYPE.withTimeLimits(TimeLimits.NONE.withSoft(Duration.ofMillis(200)));
        try (var farm = farm(1).task(type, (word, context) -> {
                    threads.add(Thread.currentThread());
                    if (word.word().equals("endless")) {
                        new CountDownLatch(1).await();
                    }
                    return word.word();
                })
                .start()) {
            assertThatThrownBy(() -> farm.pool().applyAsync(type, "endless").get(SOON))
                    .isInstanceOfSatisfying(
                            TaskFailedException.class,
                            failure -> assertThat(failure.type()).isEqualTo("SoftTimeLimitExceeded"));

            assertThat(farm.pool().apply(type, "next")).isEqualTo("next");
            assertThat(threads).hasSize(1);
        }
    }

    @Test
    void aHardLimitAnswersAndAbandonsTheThreadAndTheNextTaskRuns() throws InterruptedException {
        var before = threads();
        var threads = new ConcurrentHashMap<String, Thread>();
        var goOn = new CountDownLatch(1);
        var type = Word.TYPE.withTimeLimits(TimeLimits.NONE.withHard(Duration.ofMillis(300)));
        try (var farm = farm(1).task(type, (word, context) -> {
                    threads.put(word.word(), Thread.currentThread());
                    while (word.word().equals("stuck") && goOn.getCount() > 0) {
                        Thread.interrupted();
                        Thread.onSpinWait();
                    }
                    return word.word();
                })
                .start()) {
            var stuck = farm.pool().applyAsync(type, "stuck");
            var next = farm.pool().applyAsync(type, "next");

            assertThatThrownBy(() -> stuck.get(SOON))
                    .isInstanceOfSatisfying(
                            TaskFailedException.class,
                            failure -> assertThat(failure.type()).isEqualTo("TimeLimitExceeded"));
            assertThat(next.get(SOON)).isEqualTo("next");
        }
        var abandoned = requireNonNull(threads.get("stuck"));
        assertThat(abandoned.getName()).isEqualTo("workerfarm-executor-1");
        assertThat(abandoned).matches(Thread::isDaemon).matches(Thread::isAlive).isNotEqualTo(threads.get("next"));
        await().atMost(SOON).untilAsserted(() -> {
            var left = threads();
            left.removeAll(before);
            assertThat(left).containsExactly(abandoned);
        });

        goOn.countDown();

        abandoned.join(SOON.toMillis());
        assertThat(abandoned.isAlive()).isFalse();
    }

    @Test
    void aFaultInALoopFailsThePoolsCallsByName() {
        var before = threads();
        var fault = new OutOfMemoryError("on purpose");
        try (var farm = farm(2).task(Word.TYPE, (word, context) -> {
                    if (word.word().equals("fault")) {
                        throw fault;
                    }
                    new CountDownLatch(1).await();
                    return word.word();
                })
                .start()) {
            var waits = farm.pool().applyAsync(Word.TYPE, "waits");
            var fails = farm.pool().applyAsync(Word.TYPE, "fault");

            for (var pending : List.of(waits, fails)) {
                assertThatThrownBy(() -> pending.get(SOON))
                        .isInstanceOf(PoolFailedException.class)
                        .hasMessageContaining("the worker's lane cpu-")
                        .hasMessageContaining("OutOfMemoryError: on purpose")
                        .hasRootCause(fault);
            }
        }
        await().atMost(SOON).untilAsserted(() -> assertThat(threads()).isSubsetOf(before));
    }

    @ParameterizedTest
    @CsvSource({"FARM_MAX_TASKS, 100", "FARM_MAX_MEMORY, 512m", "FARM_JAVA_OPTIONS, -Xmx64m"})
    void whatIsForProcessesIsRefusedByName(String variable, String value) {
        var farm = LocalFarm.builder().variables(Map.of(variable, value)).inThreads();

        assertThatThrownBy(farm::start)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(variable + ": it is for worker processes, and there are none with inThreads()");
    }

    @Test
    void aLambdaIsRefusedWhereOtherProcessesWouldHaveToKnowIt() {
        var farm = LocalFarm.builder().task(Word.TYPE, (word, context) -> "");

        assertThatThrownBy(farm::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("test.word", "worker processes", "tasks(...)", "inThreads()");
    }

    @Test
    void aWrongNumberOfWorkersIsRefusedByItsName() {
        assertThatThrownBy(() -> LocalFarm.builder().workers(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("workers: -1 is not within 0 to 1024");
    }

    @Test
    void twoTasksOfOneNameAreRefused() {
        var farm = farm(1).task(Square.TYPE, (square, context) -> 0L);

        assertThatThrownBy(farm::start)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'square'");
    }

    @Test
    void jarsAndTheMetricsPageAreThereToo() throws Exception {
        new TaskJar().with(Counting.class, Word.class).naming(Counting.class).writeTo(folder.resolve("words.jar"));
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        var variables =
                Map.of("FARM_TASKS", folder.toString(), "FARM_METRICS_PORT", "" + port, "FARM_DOWNLOADERS", "0");
        try (var farm =
                LocalFarm.builder().workers(2).variables(variables).inThreads().start()) {
            assertThat(farm.pool().apply(Word.TYPE, "Ann")).isEqualTo("Ann");

            var http = HttpClient.newHttpClient();
            var page = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                    .build();
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(http.send(page, HttpResponse.BodyHandlers.ofString())
                                    .body()
                                    .lines())
                            .contains(
                                    "workerfarm_tasks_total{task=\"test.word\",outcome=\"succeeded\"} 1",
                                    "workerfarm_processes{lane=\"cpu\",state=\"ready\"} 2",
                                    "workerfarm_processes_unresponsive 0"));
        }
    }

    @Test
    void eachWorkerHasAnInstanceOfAClassOfItsOwn() {
        Counting.INSTANCES.set(0);
        try (var farm = farm(2).tasks(Counting.class).start()) {
            assertThat(farm.pool().apply(Word.TYPE, "Ann")).isEqualTo("Ann");
            assertThat(Counting.INSTANCES).hasValue(3); // and one to see that it can be made
        }
    }

    /** A task that counts its instances. */
    public static final class Counting implements Task<Word, String> {
        static final AtomicInteger INSTANCES = new AtomicInteger();

        public Counting() {
            INSTANCES.incrementAndGet();
        }

        @Override
        public TaskType<Word, String> type() {
            return Word.TYPE;
        }

        @Override
        public String run(Word word, TaskContext context) {
            return word.word();
        }
    }
}
