package dev.workerfarm.pool.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.error.PoolFailedException;
import dev.workerfarm.error.ResultTimeoutException;
import dev.workerfarm.error.TaskCancelledException;
import dev.workerfarm.pool.transport.Dispatcher;
import dev.workerfarm.pool.transport.FakeWorker;
import dev.workerfarm.pool.transport.InMemoryBroker;
import dev.workerfarm.task.TimeLimits;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.task.MapChunk;
import dev.workerfarm.wire.task.TaskMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class MapRunTest {
    private static final String QUEUE = "tasks";
    /** For one worker: the least window. */
    private static final int WINDOW = 64;

    private final InMemoryBroker broker = new InMemoryBroker();
    private final FakeWorker worker = new FakeWorker(broker, QUEUE);
    private final Dispatcher dispatcher = new Dispatcher(Duration.ofSeconds(20), broker, (loop, fault) -> {
        throw new AssertionError(loop, fault);
    });
    private final AtomicInteger answered = new AtomicInteger();
    private UnreadBytes unread = new UnreadBytes(Long.MAX_VALUE);
    private boolean lazy = true;

    @AfterEach
    void stop() {
        dispatcher.close();
        broker.close();
    }

    private MapRun run(Iterator<Long> items, boolean ordered, int chunkSize, @Nullable Duration timeout) {
        return runLists(ArgLists.of(items), ordered, chunkSize, timeout);
    }

    private MapRun runLists(
            Iterator<? extends List<?>> items, boolean ordered, int chunkSize, @Nullable Duration timeout) {
        var plan = new MapPlan(
                "map",
                "square",
                QUEUE,
                dispatcher.replyQueue(),
                1,
                -1,
                ordered,
                lazy,
                chunkSize,
                0,
                null,
                null,
                timeout,
                null,
                TimeLimits.NONE,
                false);
        var progress = new ProgressReporter(null, -1, Runnable::run);
        var run = new MapRun(
                dispatcher,
                plan,
                items,
                new MeasuredTime(),
                unread,
                progress,
                ended -> answered.incrementAndGet(),
                (loop, fault) -> {
                    throw new AssertionError(loop, fault);
                });
        run.start();
        return run;
    }

    private MapRun oneByOne(long items, boolean ordered) {
        return run(LongStream.range(0, items).iterator(), ordered, 1, null);
    }

    private void awaitTaken(int count) {
        await().until(() -> worker.taken().size() == count);
    }

    private static List<Long> indexes(MapRun run) {
        List<Long> indexes = new ArrayList<>();
        run.forEachRemaining(item -> {
            assertThat(item.outcome()).isEqualTo(new Outcome.Succeeded(item.index() * item.index()));
            indexes.add(item.index());
        });
        return indexes;
    }

    @Test
    void readsInTheInputsOrderWhateverTheOrderOfAnswers() {
        var run = oneByOne(3, true);
        awaitTaken(3);

        worker.answer(worker.taken().get(2));
        worker.answer(worker.taken().get(0));
        worker.answer(worker.taken().get(1));

        assertThat(indexes(run)).containsExactly(0L, 1L, 2L);
        assertThat(answered).hasValue(1);
    }

    @Test
    void readsAsTheyEndWhereOrderIsNotWanted() {
        var run = oneByOne(3, false);
        awaitTaken(3);

        List<Long> read = new ArrayList<>();
        for (var place : List.of(2, 0, 1)) {
            worker.answer(worker.taken().get(place));
            read.add(run.next().index());
        }

        assertThat(read).containsExactly(2L, 0L, 1L);
        assertThat(run.hasNext()).isFalse();
    }

    @Test
    void publishesNoMoreThanAWindowAheadOfTheReader() {
        var run = run(LongStream.iterate(0, i -> i + 1).iterator(), true, 1, null);
        awaitTaken(WINDOW);
        worker.taken().forEach(worker::answer);
        await().until(run::isReady);
        assertThat(worker.taken()).as("answered, but not read").hasSize(WINDOW);

        run.next();

        awaitTaken(WINDOW + 1);
        run.close();
    }

    @Test
    void publishesNoMoreWhileWhatIsNotReadTakesTheBoundAndAnotherMapGoesOn() {
        unread = new UnreadBytes(1024 * 1024);
        var run = run(LongStream.iterate(0, i -> i + 1).iterator(), true, 1, null);
        awaitTaken(1); // its weight is not known
        var large = "x".repeat(100_000);
        worker.answer(worker.taken().get(0), large);
        awaitTaken(6); // of 200 kB each
        worker.taken().forEach(message -> worker.answer(message, large));
        await().until(run::isReady);
        assertThat(worker.taken()).as("answered, but not read").hasSize(6);

        var other = run(List.of(0L, 1L).iterator(), true, 1, null);
        awaitTaken(7);
        worker.answer(worker.taken().get(6));
        awaitTaken(8);
        worker.answer(worker.taken().get(7));
        assertThat(indexes(other)).containsExactly(0L, 1L);

        run.next();
        awaitTaken(9);

        run.takeAllInput();
        await().until(() -> worker.taken().size() > WINDOW);
        run.close();
    }

    @Test
    void aSlowItemBeforeQuickOnesKeepsNoWorkerIdleAsTheWindowIsOfMessagesOfThePresentSize() {
        var run = run(LongStream.range(0, 3_000).iterator(), true, 0, null);
        awaitTaken(WINDOW);
        var slow = worker.taken().get(0);

        await().until(() -> {
            worker.taken().stream()
                    .filter(message -> !message.id().equals(slow.id()))
                    .forEach(worker::answer);
            return worker.taken().stream().mapToInt(MapRunTest::items).sum() == 3_000;
        });
        worker.taken().forEach(worker::answer);
        assertThat(indexes(run)).hasSize(3_000).isSorted();
    }

    @Test
    void aMapThatGathersItsResultsIsAheadOfAnySlowItem() {
        lazy = false;
        var run = run(LongStream.range(0, 1_000).iterator(), true, 1, null);
        awaitTaken(WINDOW);
        assertThat(worker.taken()).as("none is answered").hasSize(WINDOW);
        var slow = worker.taken().get(0);

        await().until(() -> {
            worker.taken().stream()
                    .filter(message -> !message.id().equals(slow.id()))
                    .forEach(worker::answer);
            return worker.taken().size() == 1_000;
        });
        worker.taken().forEach(worker::answer);
        assertThat(indexes(run)).hasSize(1_000).isSorted();
    }

    @Test
    void aMessageHasNoMoreItemsThanTheirOutcomesAllow() {
        var run = run(LongStream.iterate(0, i -> i + 1).iterator(), true, 0, null);
        awaitTaken(WINDOW);
        worker.answer(worker.taken().get(0), "x".repeat(1_000_000)); // in a millisecond: 100 items by time alone
        run.next();

        awaitTaken(WINDOW + 1);
        assertThat(items(worker.taken().get(WINDOW))).isBetween(1, 2);
        run.close();
    }

    @Test
    void anInputOfUnknownLengthOfANewTaskIsSpreadOneByOneUntilAnAnswerSaysHowLongAnItemTakes() {
        var run = run(LongStream.iterate(0, i -> i + 1).iterator(), true, 0, null);
        awaitTaken(WINDOW);
        assertThat(worker.taken())
                .allSatisfy(message ->
                        assertThat((List<?>) message.kwargs().get("items")).hasSize(1));

        worker.answer(worker.taken().get(0)); // one item in a millisecond
        run.next();

        awaitTaken(WINDOW + 1);
        assertThat((List<?>) worker.taken().get(WINDOW).kwargs().get("items")).hasSizeBetween(2, 100);
        run.close();
    }

    @Test
    void whatWasLostWithTheReplyQueueIsAskedForByMissingRange() {
        var run = run(LongStream.range(0, 200).iterator(), true, 50, null);
        await().until(() -> worker.taken().stream().mapToInt(MapRunTest::items).sum() == 200);
        // The first chunk may be a short one: its first item is encoded for the first time.
        var whole = worker.taken().stream()
                .filter(message -> items(message) > 1)
                .findFirst()
                .orElseThrow();
        var replied = new CompletableFuture<Void>();
        broker.beforeReply(() -> replied.complete(null));
        worker.answerHead(whole, 1);
        replied.join();
        var before = worker.taken().size();

        broker.delete(dispatcher.replyQueue());

        awaitTaken(2 * before);
        assertThat(worker.taken().subList(before, 2 * before))
                .extracting(TaskMessage::id)
                .contains(whole.id() + "/1-" + items(whole))
                .doesNotContain(whole.id());
        worker.taken().subList(before, 2 * before).forEach(worker::answer);
        assertThat(indexes(run)).hasSize(200).isSorted();
    }

    private static int items(TaskMessage message) {
        return MapChunk.from(message.kwargs()).items().size();
    }

    @Test
    void anItemThatMakesItsMessageTooLargeForTheBrokerFailsAloneAndItsNeighboursAreAnswered() {
        broker.limitMessages(200);
        FakeWorker.answering(broker, QUEUE);
        var items = new ArrayList<List<Object>>();
        for (long i = 0; i < 40; i++) {
            items.add(i == 17 ? List.of(i, "x".repeat(300)) : List.of(i));
        }

        var run = runLists(items.iterator(), true, 40, null);
        List<Long> failed = new ArrayList<>();
        run.forEachRemaining(item -> {
            if (item.outcome() instanceof Outcome.Failed failure) {
                assertThat(failure.failure().text()).contains("is larger than 200");
                failed.add(item.index());
            } else {
                assertThat(item.outcome()).isEqualTo(new Outcome.Succeeded(item.index() * item.index()));
            }
        });

        assertThat(failed).containsExactly(17L);
        assertThat(answered).hasValue(1);
    }

    @Test
    void workersMayCutAMessageUnlessItsSizeIsTheCallers() {
        for (var chunkSize : List.of(0, 1)) {
            var run = run(List.of(1L).iterator(), true, chunkSize, null);
            awaitTaken(chunkSize + 1);
            assertThat(worker.taken().get(chunkSize).headers()).containsEntry("farm-cut", chunkSize == 0);
            run.close();
        }
    }

    @Test
    void aTimeoutOfOneReadLosesNothing() {
        var run = oneByOne(1, true);
        assertThatThrownBy(() -> run.hasNext(Duration.ofMillis(20))).isInstanceOf(ResultTimeoutException.class);

        awaitTaken(1);
        worker.answer(worker.taken().get(0));

        assertThat(indexes(run)).containsExactly(0L);
    }

    @Test
    void theMapsOwnTimeoutEndsIt() {
        var run = run(List.of(1L).iterator(), true, 0, Duration.ofMillis(20));

        assertThatThrownBy(run::hasNext)
                .isInstanceOf(ResultTimeoutException.class)
                .hasMessageContaining("did not end in time");
        run.close();
    }

    @Test
    void anEarlyCloseRevokesTheMapAndAnswersOnce() {
        var run = oneByOne(2, true);
        awaitTaken(2);

        run.close();
        run.close();

        await().until(() -> broker.broadcasts().size() == 1);
        assertThat(answered).hasValue(1);
        assertThat(run.hasNext()).isFalse();
    }

    @Test
    void aCloseAtTheEndRevokesNothing() {
        var run = oneByOne(1, true);
        awaitTaken(1);
        worker.answer(worker.taken().get(0));
        assertThat(indexes(run)).containsExactly(0L);

        run.close();

        assertThat(broker.broadcasts()).isEmpty();
        assertThat(answered).hasValue(1);
    }

    @Test
    void aReaderOfATerminatedRunGetsACancellation() {
        var run = oneByOne(2, true);

        run.terminate();

        assertThatThrownBy(run::hasNext).isInstanceOf(TaskCancelledException.class);
        assertThat(answered).hasValue(1);
    }

    @Test
    void aReaderOfAFailedRunGetsTheFailureAndNothingIsRevoked() {
        var run = oneByOne(2, true);
        awaitTaken(2);
        var failure = new PoolFailedException("a-loop", new IllegalStateException());

        run.fail(failure);

        assertThatThrownBy(run::hasNext)
                .isInstanceOfSatisfying(
                        PoolFailedException.class,
                        thrown -> assertThat(thrown.loop()).isEqualTo(failure.loop()));
        assertThat(answered).hasValue(1);
        assertThat(broker.broadcasts()).isEmpty();
    }
}
