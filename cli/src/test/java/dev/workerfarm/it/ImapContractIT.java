package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.error.ResultTimeoutException;
import dev.workerfarm.error.TaskFailedException;
import dev.workerfarm.pool.ItemOutcome;
import dev.workerfarm.pool.Outcomes;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.pool.Results;
import dev.workerfarm.task.BuiltIn.Sleep;
import dev.workerfarm.task.Square;
import dev.workerfarm.testkit.Gated;
import dev.workerfarm.testkit.Heavy;
import dev.workerfarm.testkit.ImapOfLarge;
import dev.workerfarm.testkit.ImapOfMany;
import dev.workerfarm.testkit.JavaProcess;
import dev.workerfarm.testkit.TestFarm;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.worker.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Maps whose results come one by one, of inputs that may have no end. */
@Timeout(60)
class ImapContractIT {
    /** The least window of a map, and one chunk that its feeder has in hand. */
    private static final int WINDOW = 64 + 1;

    private static TestFarm farm;
    private static Worker workers;
    private static Pool pool;

    @BeforeAll
    static void start() {
        farm = TestFarm.onSharedServices(ImapContractIT.class);
        workers = farm.startWorkers(2, 0);
        pool = farm.connect();
    }

    @AfterAll
    static void stop() {
        pool.terminate();
        workers.close();
        farm.close();
    }

    @Test
    void imapGivesResultsInTheInputsOrder() {
        var items = List.of(new Sleep(200, "first"), new Sleep(0, "second"), new Sleep(100, "third"));
        try (var results = pool.task(Sleep.TYPE).chunkSize(1).imap(items.stream()::iterator)) {
            assertThat(all(results)).isEqualTo(List.of("first", "second", "third"));
        }
    }

    @Test
    void imapUnorderedGivesResultsAsTheyEnd(@TempDir Path scratch) throws IOException {
        var gate = scratch.resolve("gate");
        var open = Files.createFile(scratch.resolve("open"));
        var items = List.of(
                new Gated.Arguments(scratch.resolve("slow").toString(), gate.toString(), "slow"),
                new Gated.Arguments(scratch.resolve("quick").toString(), open.toString(), "quick"));
        try (var results = pool.task(Gated.TYPE).chunkSize(1).imapUnordered(items.stream()::iterator)) {
            assertThat(results.next()).isEqualTo("quick");
            Files.createFile(gate);
            assertThat(results.next()).isEqualTo("slow");
            assertThat(results.hasNext()).isFalse();
        }
    }

    @Test
    void aSlowItemBeforeManyQuickOnesKeepsNoWorkerIdle(@TempDir Path scratch) throws IOException {
        var gate = scratch.resolve("gate");
        var open = Files.createFile(scratch.resolve("open"));
        var slow = new Gated.Arguments(scratch.resolve("slow").toString(), gate.toString(), "slow");
        var quick = new Gated.Arguments(scratch.resolve("quick").toString(), open.toString(), "quick");
        var ended = new AtomicLong();
        try (var fresh = farm.connect();
                var results = fresh.task(Gated.TYPE)
                        .progress((done, total) -> ended.set(done))
                        .imap(Stream.concat(
                                Stream.of(slow), Stream.generate(() -> quick).limit(300))::iterator)) {
            await("the quick items, while the reader waits for the slow one")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> ended.get() == 300);
            Files.createFile(gate);
            assertThat(all(results)).hasSize(301);
        }
    }

    @Test
    void imapUnorderedGivesEachResultOnce() {
        try (var results = pool.imapUnordered(Square.TYPE, LongStream.range(0, 20_000)::iterator)) {
            var expected = LongStream.range(0, 20_000).map(n -> n * n).boxed().toList();
            assertThat(all(results).stream().map(Number::longValue).sorted()).isEqualTo(expected);
        }
    }

    @Test
    void imapOfACollectionKnowsItsSize() {
        try (var results = pool.imap(Square.TYPE, List.of(1, 2, 3))) {
            assertThat(all(results)).isEqualTo(List.of(1L, 4L, 9L));
        }
    }

    @Test
    void everyFormIsThereByTypeAndByName() {
        var items = List.of(1, 2, 3);
        var argLists = List.of(List.of(1), List.of(2), List.of(3));
        var squares = List.of(1L, 4L, 9L);
        var task = pool.task(Square.TYPE.name());
        var oneByOne = task.chunkSize(1);
        var typed = pool.task(Square.TYPE).chunkSize(1);

        assertThat(oneByOne.starmap(argLists)).isEqualTo(squares);
        assertThat(task.mapAsync(items).get()).isEqualTo(squares);
        assertThat(oneByOne.mapAsync(items).get()).isEqualTo(squares);
        assertThat(task.starmapAsync(argLists).get()).isEqualTo(squares);
        assertThat(oneByOne.starmapAsync(argLists).get()).isEqualTo(squares);
        assertThat(values(task.outcomes(items))).isEqualTo(squares);
        assertThat(values(oneByOne.outcomes(items))).isEqualTo(squares);
        assertThat(values(task.starOutcomes(argLists))).isEqualTo(squares);
        assertThat(values(oneByOne.starOutcomes(argLists))).isEqualTo(squares);
        assertThat(values(pool.task(Square.TYPE).starOutcomes(argLists))).isEqualTo(squares);
        assertThat(values(typed.starOutcomes(argLists))).isEqualTo(squares);
        for (var results : List.of(
                typed.imap(items),
                task.imap(items),
                oneByOne.imap(items),
                task.imap(items.stream()::iterator),
                oneByOne.imap(items.stream()::iterator))) {
            assertThat(all(results)).isEqualTo(squares);
        }
        for (var results : List.of(
                typed.imapUnordered(items),
                task.imapUnordered(items),
                oneByOne.imapUnordered(items),
                task.imapUnordered(items.stream()::iterator),
                oneByOne.imapUnordered(items.stream()::iterator))) {
            assertThat(Set.copyOf(all(results))).isEqualTo(Set.copyOf(squares));
        }
    }

    @Test
    void anEndlessInputIsReadAheadByAWindowAndNoFurther() {
        var pulled = new AtomicLong();
        var endless = Stream.iterate(1L, n -> n + 1).peek(n -> pulled.incrementAndGet());
        try (var results = pool.task(Square.TYPE).chunkSize(1).imap(endless::iterator)) {
            for (long n = 1; n <= 500; n++) {
                assertThat(results.next()).isEqualTo(n * n);
                assertThat(pulled.get()).isLessThanOrEqualTo(n + WINDOW);
            }
        }
    }

    @Test
    void closingAnImapStopsTakingItsInput() {
        var pulling = ConcurrentHashMap.<Thread>newKeySet();
        var endless = Stream.generate(() -> {
            pulling.add(Thread.currentThread());
            return 3L;
        });
        try (var results = pool.imap(Square.TYPE, endless::iterator)) {
            assertThat(results.next()).isEqualTo(9L);
        }
        await("the end of the thread that takes the input")
                .atMost(Duration.ofSeconds(10))
                .until(() -> pulling.stream().noneMatch(Thread::isAlive));
    }

    @Test
    void aFailedItemIsThrownInItsPlaceAndThoseBehindItStillCome() {
        try (var results = pool.imap(Square.TYPE, List.of(1, "x", 3))) {
            assertThat(results.next()).isEqualTo(1L);
            assertThatThrownBy(results::next)
                    .isInstanceOf(TaskFailedException.class)
                    .hasMessageContaining("TypeError");
            assertThat(results.next()).isEqualTo(9L);
            assertThatThrownBy(results::next).isInstanceOf(NoSuchElementException.class);
        }
    }

    @Test
    void anInputThatFailsIsThrownBehindTheResultsBeforeIt() {
        var failing = Stream.of(1, 2, 3).peek(n -> {
            if (n == 3) {
                throw new IllegalStateException("no third");
            }
        });
        try (var results = pool.imap(Square.TYPE, failing::iterator)) {
            assertThat(results.next()).isEqualTo(1L);
            assertThat(results.next()).isEqualTo(4L);
            assertThatThrownBy(results::next).hasMessage("no third");
        }
    }

    @Test
    void aResultThatDidNotComeInTimeMayBeAskedForAgain() {
        try (var results = pool.imap(Sleep.TYPE, List.of(new Sleep(700, "late")))) {
            assertThatThrownBy(() -> results.next(Duration.ofMillis(20))).isInstanceOf(ResultTimeoutException.class);
            assertThat(results.next(Duration.ofSeconds(20))).isEqualTo("late");
        }
    }

    @Test
    void mapOutcomesGivesEveryItemsOwn() {
        var outcomes = pool.task(Square.TYPE).outcomes(List.of(2, "x", 4)).toList();

        assertThat(outcomes).extracting(ItemOutcome::index).containsExactly(0L, 1L, 2L);
        assertThat(outcomes).extracting(ItemOutcome::succeeded).containsExactly(true, false, true);
        assertThat(outcomes.get(2).value()).isEqualTo(16L);
        assertThat(outcomes.get(1).failure()).extracting(Failure::type).isEqualTo("TypeError");
        assertThatThrownBy(outcomes.get(1)::value).isInstanceOf(TaskFailedException.class);
    }

    @Test
    void progressIsHeardToTheLast() {
        List<Long> heard = new ArrayList<>();
        pool.task(Square.TYPE)
                .progress((done, total) -> {
                    assertThat(total).isEqualTo(1_000);
                    synchronized (heard) {
                        heard.add(done);
                    }
                })
                .map(LongStream.range(0, 1_000).boxed().toList());

        await("the last count").atMost(Duration.ofSeconds(10)).until(() -> {
            synchronized (heard) {
                return heard.contains(1_000L);
            }
        });
        synchronized (heard) {
            assertThat(heard).isSorted().doesNotHaveDuplicates();
        }
    }

    /**
     * The heap is too small for a million results: each a Long and a place in a list, 20 bytes and more. The whole ten
     * million, in 64 MiB, is {@code -Dworkerfarm.imap=10000000}.
     */
    @Test
    @Timeout(900)
    void anImapOfManyItemsNeedsNoMoreMemoryThanItsWindow() throws Exception {
        var items = System.getProperty("workerfarm.imap", "1000000");
        var heap = Long.parseLong(items) > 1_000_000 ? "-Xmx64m" : "-Xmx20m";
        try (var process = JavaProcess.start(farm.environment(), List.of(heap), ImapOfMany.class, items)) {
            assertThat(process.awaitExit(Duration.ofMinutes(14)))
                    .as(String.join("\n", process.errorLines()))
                    .isZero();
            assertThat(process.outputLines()).containsExactly(items + " right");
        }
    }

    /** Its reader waits for the workers each time, so that they are ahead of it as far as they may be. */
    @Test
    void largeResultsOfAnImapWithASlowReaderDoNotFillTheHeap() throws Exception {
        try (var process = JavaProcess.start(farm.environment(), List.of("-Xmx80m"), ImapOfLarge.class, "50")) {
            assertThat(process.awaitExit(Duration.ofSeconds(50)))
                    .as(String.join("\n", process.errorLines()))
                    .isZero();
            assertThat(process.outputLines()).containsExactly("50 right");
        }
    }

    @Test
    void aResultThatIsTooHeavyForItsReaderSpoilsNoneOfItsMessageAndManyLightOnesAreNotTooHeavyTogether()
            throws Exception {
        var items =
                new String[] {"1", "900000", "2", "190000", "190000", "190000", "190000", "3"}; // 64 MiB at the most
        try (var process = JavaProcess.start(farm.environment(), Heavy.class, items)) {
            assertThat(process.awaitExit(Duration.ofSeconds(30)))
                    .as(String.join("\n", process.errorLines()))
                    .isZero();
            var lines = process.outputLines();
            assertThat(lines.get(1))
                    .startsWith("its result cannot be read here")
                    .contains("too many values");
            assertThat(lines).startsWith("1").endsWith("2", "190000", "190000", "190000", "190000", "3");
        }
    }

    private static List<Object> values(Outcomes<?> outcomes) {
        return outcomes.toList().stream().<Object>map(ItemOutcome::value).toList();
    }

    private static <T> List<T> all(Results<T> results) {
        List<T> all = new ArrayList<>();
        results.forEach(all::add);
        return all;
    }
}
