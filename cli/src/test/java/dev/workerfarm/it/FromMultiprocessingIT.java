package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.error.ResultTimeoutException;
import dev.workerfarm.error.TaskCancelledException;
import dev.workerfarm.error.TaskFailedException;
import dev.workerfarm.local.LocalFarm;
import dev.workerfarm.pool.ItemOutcome;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.shared.Typecode;
import dev.workerfarm.task.BuiltIn.Fail;
import dev.workerfarm.task.BuiltIn.Sleep;
import dev.workerfarm.task.Square;
import dev.workerfarm.testkit.TestFarm;
import dev.workerfarm.worker.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/** Runs the Java side of every row of docs/from-multiprocessing.md, under its own text. */
@Timeout(120)
class FromMultiprocessingIT {
    private static final Path PAGE = Path.of("..", "docs", "from-multiprocessing.md");
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final List<Long> XS = LongStream.rangeClosed(1, 50).boxed().toList();
    private static final List<Long> SQUARES = XS.stream().map(x -> x * x).toList();

    private static TestFarm farm;
    private static Worker workers;
    private static Pool pool;
    private static RedisSharedState shared;

    @BeforeAll
    static void start() {
        farm = TestFarm.onSharedServices(FromMultiprocessingIT.class);
        workers = farm.startWorkers(1, 0);
        pool = farm.connect();
        shared = farm.shared();
    }

    @AfterAll
    static void stop() {
        shared.close();
        pool.terminate();
        workers.close();
        farm.close();
    }

    @Test
    void everyRowOfThePageIsHereAndNoOther() throws IOException {
        assertThat(rowsOfThePage()).containsExactlyElementsOf(rows().keySet());
    }

    @TestFactory
    Stream<DynamicTest> everyRowRuns() {
        return rows().entrySet().stream().map(row -> DynamicTest.dynamicTest(row.getKey(), row.getValue()));
    }

    private static Map<String, Executable> rows() {
        Map<String, Executable> rows = new LinkedHashMap<>();
        rows.put("`try (var farm = LocalFarm.start(2)) {`", () -> {
            try (var farm = LocalFarm.start(2)) {
                assertThat(farm.pool().map(Square.TYPE, List.of(1, 2))).isEqualTo(List.of(1L, 4L));
            }
        });
        rows.put("`try (var farm = LocalFarm.start(2, Map.of(\"FARM_MAX_TASKS\", \"100\"))) {`", () -> {
            try (var recycled = LocalFarm.start(2, Map.of("FARM_MAX_TASKS", "100"))) {
                var pids = recycled.workerPids();
                assertThat(recycled.pool()
                                .task(Square.TYPE)
                                .chunkSize(1)
                                .map(LongStream.range(0, 400).boxed().toList()))
                        .hasSize(400);
                await().atMost(SOON).until(() -> !recycled.workerPids().equals(pids));
            }
        });
        rows.put("`Pool.fromEnvironment()`", () -> {
            try (var other = Pool.builder().environment(farm.environment()).connect()) {
                assertThat(other.apply(Square.TYPE, 2)).isEqualTo(4L);
            }
        });
        rows.put(
                "`pool.apply(Square.TYPE, 10)`",
                () -> assertThat(pool.apply(Square.TYPE, 10)).isEqualTo(100L));
        rows.put(
                "`pool.task(\"square\").kwargs(Map.of(\"n\", 10)).apply()`",
                () -> assertThat(pool.task("square").kwargs(Map.of("n", 10)).apply())
                        .isEqualTo(100L));
        rows.put(
                "`var r = pool.applyAsync(Square.TYPE, 10)`",
                () -> assertThat(pool.applyAsync(Square.TYPE, 10).get()).isEqualTo(100L));
        rows.put("`r.get()`, `r.get(Duration.ofSeconds(5))`", () -> {
            var r = pool.applyAsync(Sleep.TYPE, 500, "late");
            assertThatThrownBy(() -> r.get(Duration.ofMillis(1))).isInstanceOf(ResultTimeoutException.class);
            assertThat(r.get()).isEqualTo("late");
        });
        rows.put("`r.ready()`, `r.successful()`", () -> {
            var r = pool.applyAsync(Sleep.TYPE, 300);
            assertThat(r.ready()).isFalse();
            assertThatThrownBy(r::successful).isInstanceOf(IllegalStateException.class);
            r.get();
            assertThat(r.ready()).isTrue();
            assertThat(r.successful()).isTrue();
        });
        rows.put(
                "`r.await(Duration.ofSeconds(5))`",
                () -> assertThat(pool.applyAsync(Square.TYPE, 10).await(SOON)).isTrue());
        rows.put("`pool.applyAsync(Square.TYPE, 3).callback(c).errorCallback(e)`", () -> {
            var good = new CompletableFuture<Object>();
            var bad = new CompletableFuture<RuntimeException>();
            pool.applyAsync(Square.TYPE, 3).callback(good::complete).errorCallback(bad::complete);
            assertThat(good.get(20, TimeUnit.SECONDS)).isEqualTo(9L);
            assertThat(bad).isNotDone();
        });
        rows.put(
                "`pool.map(Square.TYPE, List.of(1, 2, 3))`",
                () -> assertThat(pool.map(Square.TYPE, List.of(1, 2, 3))).isEqualTo(List.of(1L, 4L, 9L)));
        rows.put(
                "`pool.task(Square.TYPE).chunkSize(10).map(xs)`",
                () -> assertThat(pool.task(Square.TYPE).chunkSize(10).map(XS)).isEqualTo(SQUARES));
        rows.put(
                "`pool.mapAsync(Square.TYPE, xs)`",
                () -> assertThat(pool.mapAsync(Square.TYPE, XS).get()).isEqualTo(SQUARES));
        rows.put(
                "`pool.starmap(Sleep.TYPE, List.of(List.of(1, \"a\"), List.of(2, \"b\")))`",
                () -> assertThat(pool.starmap(Sleep.TYPE, List.of(List.of(1, "a"), List.of(2, "b"))))
                        .isEqualTo(List.of("a", "b")));
        rows.put(
                "`pool.starmapAsync(Sleep.TYPE, argLists)`",
                () -> assertThat(pool.starmapAsync(Sleep.TYPE, List.of(List.of(1, "a"), List.of(2, "b")))
                                .get())
                        .isEqualTo(List.of("a", "b")));
        rows.put("`try (var ys = pool.imap(Square.TYPE, xs)) {`", () -> {
            try (var ys = pool.imap(Square.TYPE, XS)) {
                assertThat(ys).map(Number::longValue).isEqualTo(SQUARES);
            }
        });
        rows.put("`ys.next(Duration.ofSeconds(5))`", () -> {
            try (var ys = pool.imap(Square.TYPE, XS)) {
                assertThat(ys.next(SOON)).isEqualTo(1L);
            }
        });
        rows.put("`pool.imapUnordered(Square.TYPE, xs)`", () -> {
            try (var ys = pool.imapUnordered(Square.TYPE, XS)) {
                assertThat(ys).hasSameElementsAs(SQUARES);
            }
        });
        rows.put(
                "`catch (TaskFailedException e) {`",
                () -> assertThatThrownBy(() -> pool.apply(Fail.TYPE, "no"))
                        .isInstanceOfSatisfying(TaskFailedException.class, e -> {
                            assertThat(e.type()).isNotEmpty();
                            assertThat(e.remoteStack()).contains("at ");
                        }));
        rows.put(
                "`pool.task(Square.TYPE).outcomes(List.of(1, \"x\"))`",
                () -> assertThat(pool.task(Square.TYPE).outcomes(List.of(1, "x")))
                        .extracting(ItemOutcome::succeeded)
                        .containsExactly(true, false));
        rows.put("`pool.task(Square.TYPE).progress((done, total) -> bar.show(done, total)).map(xs)`", () -> {
            var last = new CompletableFuture<Long>();
            pool.task(Square.TYPE)
                    .progress((done, total) -> {
                        if (done == total) {
                            last.complete(done);
                        }
                    })
                    .map(XS);
            assertThat(last.get(20, TimeUnit.SECONDS)).isEqualTo(XS.size());
        });
        rows.put("`r.cancel()`", () -> {
            var r = pool.applyAsync(Sleep.TYPE, 200);
            assertThat(r.cancel()).isTrue();
            assertThatThrownBy(r::get).isInstanceOf(TaskCancelledException.class);
        });
        rows.put("`pool.close(); pool.join()`", () -> {
            var leaving = farm.connect();
            var r = leaving.applyAsync(Square.TYPE, 3);
            leaving.close();
            leaving.join();
            assertThat(r.get()).isEqualTo(9L);
        });
        rows.put("`pool.close(); pool.join(); ys.forEach(seen::add)`", () -> {
            var leaving = farm.connect();
            var seen = new ArrayList<Number>();
            Iterable<Long> numbers = LongStream.range(0, 200)::iterator;
            var ys = leaving.task(Square.TYPE).chunkSize(1).imap(numbers);
            assertThat(ys.next()).isEqualTo(0L); // and no more, for now: 200 are more than a window of 64
            leaving.close();
            leaving.join();
            ys.forEach(seen::add);
            assertThat(seen).hasSize(199);
        });
        rows.put("`pool.terminate()`", () -> {
            var leaving = farm.connect();
            var r = leaving.applyAsync(Sleep.TYPE, 300);
            leaving.terminate();
            assertThatThrownBy(r::get).isInstanceOf(TaskCancelledException.class);
        });
        rows.put(
                "`var p = pool.start(Square.TYPE, 10)`",
                () -> assertThat(pool.start(Square.TYPE, 10).get()).isEqualTo(100L));
        rows.put("`p.join()`, `p.join(Duration.ofSeconds(5))`", () -> {
            var p = pool.start(Square.TYPE, 10);
            p.join();
            assertThat(p.join(SOON)).isTrue();
            assertThat(p.get()).isEqualTo(100L);
        });
        rows.put("`!p.ready()`", () -> {
            var p = pool.start(Sleep.TYPE, 300);
            assertThat(!p.ready()).isTrue();
            p.join();
            assertThat(!p.ready()).isFalse();
        });
        rows.put(
                "`p.cancel()`",
                () -> assertThat(pool.start(Sleep.TYPE, 300).cancel()).isTrue());
        rows.put("`var v = shared.value(\"v\"); v.make(Typecode.I, 5)`", () -> {
            var v = shared.value("v");
            v.make(Typecode.I, 5);
            assertThat(v.get()).isEqualTo(5L);
        });
        rows.put("`v.get()`", () -> {
            var v = shared.value("v1");
            v.make(Typecode.I, 6);
            assertThat(v.get()).isEqualTo(6L);
        });
        rows.put("`v.add(1)`", () -> {
            var v = shared.value("v2");
            v.make(Typecode.I, 5);
            v.add(1);
            assertThat(v.get()).isEqualTo(6L);
        });
        rows.put("`var a = shared.array(\"a\"); a.make(List.of(1, 2, 3))`", () -> {
            var a = shared.array("a");
            a.make(List.of(1, 2, 3));
            assertThat(a.toList()).isEqualTo(List.of(1L, 2L, 3L));
        });
        rows.put("`a.add(0, 1)`", () -> {
            var a = shared.array("a1");
            a.make(List.of(1, 2, 3));
            a.add(0, 1);
            assertThat(a.get(0)).isEqualTo(2L);
        });
        rows.put("`a.slice(1, 3)`, `a.toList()`", () -> {
            var a = shared.array("a2");
            a.make(List.of(1, 2, 3));
            assertThat(a.slice(1, 3)).isEqualTo(List.of(2L, 3L));
            assertThat(a.toList()).isEqualTo(List.of(1L, 2L, 3L));
        });
        rows.put(
                "`try (var held = shared.lock(\"l\").acquire(Duration.ofSeconds(30), Duration.ofSeconds(5))) {`",
                () -> {
                    try (var held = shared.lock("l").acquire(Duration.ofSeconds(30), Duration.ofSeconds(5))) {
                        assertThat(held.token()).isPositive();
                        assertThat(shared.lock("l").tryAcquire(Duration.ofSeconds(1)))
                                .isEmpty();
                    }
                });
        return rows;
    }

    /** The second column of each table. */
    private static List<String> rowsOfThePage() throws IOException {
        return Files.readString(PAGE)
                .lines()
                .filter(line -> line.startsWith("| ") && !line.startsWith("| Python |") && !line.startsWith("| ---"))
                .map(line -> line.split(" \\| ", -1)[1])
                .toList();
    }
}
