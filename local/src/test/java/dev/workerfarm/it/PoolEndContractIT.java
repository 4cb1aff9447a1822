package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.error.FarmException;
import dev.workerfarm.error.TaskCancelledException;
import dev.workerfarm.error.TaskFailedException;
import dev.workerfarm.pool.AsyncResult;
import dev.workerfarm.pool.MapOptions;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.shared.SharedValue;
import dev.workerfarm.shared.Typecode;
import dev.workerfarm.task.Fail;
import dev.workerfarm.task.Sleep;
import dev.workerfarm.task.Square;
import dev.workerfarm.task.UpdateValue;
import dev.workerfarm.testkit.MarkedSleep;
import dev.workerfarm.testkit.TestFarm;
import dev.workerfarm.worker.WorkerParent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Callbacks, cancelling, and the ways in which a pool ends. */
@Timeout(60)
class PoolEndContractIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private Path scratch;

    private static TestFarm farm;
    private static WorkerParent workers;
    private static Pool pool;

    @BeforeAll
    static void start() {
        farm = TestFarm.onSharedServices(PoolEndContractIT.class);
        workers = farm.startWorkers(1, 0);
        pool = farm.connect();
    }

    @AfterAll
    static void stop() {
        pool.terminate();
        workers.close();
        farm.close();
    }

    // Callbacks

    @Test
    void aCallbackGetsTheResultAndAnErrorCallbackTheFailure() throws Exception {
        var result = new CompletableFuture<Object>();
        var failure = new CompletableFuture<RuntimeException>();

        pool.starmapAsync(Square.TYPE, List.of(List.of(2), List.of(3)))
                .callback(result::complete)
                .errorCallback(failure::complete);
        assertThat(result.get(20, TimeUnit.SECONDS)).isEqualTo(List.of(4L, 9L));
        assertThat(failure).isNotDone();

        pool.applyAsync(Fail.TYPE, "no").callback(any -> failure.cancel(false)).errorCallback(failure::complete);
        assertThat(failure.get(20, TimeUnit.SECONDS)).isInstanceOf(TaskFailedException.class);
    }

    @Test
    void aCallbackThatFailsSpoilsNothing() {
        var result = pool.applyAsync(Square.TYPE, 5).callback(any -> {
            throw new IllegalStateException("a callback's own");
        });
        assertThat(result.get(SOON)).isEqualTo(25L);
        assertThat(pool.apply(Square.TYPE, 6)).isEqualTo(36L);
    }

    // Cancelling

    @Test
    void aCancelledTaskThatHasNotBegunIsNotRun() throws Exception {
        try (var shared = farm.shared()) {
            var value = made(shared.value("aCancelledTaskThatHasNotBegunIsNotRun"));
            var busy = occupyTheWorker();
            var cancelled = pool.applyAsync(UpdateValue.TYPE, value.name(), 1);

            assertThat(cancelled.cancel()).isTrue();
            assertThatThrownBy(cancelled::get)
                    .isInstanceOf(TaskCancelledException.class)
                    .hasMessageContaining(cancelled.id());

            // The worker takes tasks in their order: after this one the cancelled one would have run.
            assertThat(pool.apply(UpdateValue.TYPE, value.name(), 10)).isEqualTo(10L);
            assertThat(busy.get(SOON)).isEqualTo("released");
            value.delete();
        }
    }

    @Test
    void theItemsOfACancelledMapThatHaveNotBegunAreNotRun() throws Exception {
        try (var shared = farm.shared()) {
            var value = made(shared.value("theItemsOfACancelledMapThatHaveNotBegunAreNotRun"));
            occupyTheWorker();
            var calls = Collections.nCopies(200, List.of(value.name(), 1));
            var cancelled = pool.starmapAsync(UpdateValue.TYPE, calls, MapOptions.DEFAULT.withChunkSize(50));

            assertThat(cancelled.cancel()).isTrue();
            assertThatThrownBy(cancelled::get).isInstanceOf(TaskCancelledException.class);

            assertThat(pool.apply(UpdateValue.TYPE, value.name(), 10)).isEqualTo(10L);
            value.delete();
        }
    }

    @Test
    void whatHasEndedCannotBeCancelled() {
        var result = pool.applyAsync(Square.TYPE, 7);
        result.join();

        assertThat(result.cancel()).isFalse();
        assertThat(result.get()).isEqualTo(49L);
    }

    // Close, join, terminate

    @Test
    void aClosedPoolTakesNoMoreCallsAndStillDeliversWhatIsUnderWay() {
        var leaving = farm.connect();
        var result = leaving.applyAsync(Sleep.TYPE, 300, "done");
        var list = leaving.mapAsync(Square.TYPE, List.of(1, 2, 3));
        leaving.close();

        assertThatThrownBy(() -> leaving.apply(Square.TYPE, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> leaving.map(Square.TYPE, List.of(1))).isInstanceOf(IllegalStateException.class);
        assertThat(result.get(SOON)).isEqualTo("done");
        assertThat(list.get(SOON)).isEqualTo(List.of(1L, 4L, 9L));
        assertThat(leaving.join(SOON)).isTrue();
    }

    @Test
    void aPoolWithNothingUnderWayIsGoneWhenCloseReturns() {
        for (int i = 0; i < 5; i++) {
            var leaving = farm.connect();
            assertThat(leaving.map(Square.TYPE, List.of(1, 2))).isEqualTo(List.of(1L, 4L));
            assertThat(leaving.apply(Square.TYPE, 3)).isEqualTo(9L);
            leaving.close();
            assertThat(leaving.join(Duration.ZERO)).isTrue();
        }
    }

    @Test
    void joiningAPoolThatIsOpenIsWrongUse() {
        assertThatThrownBy(() -> pool.join(SOON))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("close()");
    }

    @Test
    void aTerminatedPoolFailsEveryWaiterAtOnce() {
        var leaving = farm.connect();
        List<AsyncResult<?>> awaited = new ArrayList<>();
        awaited.add(leaving.applyAsync(Sleep.TYPE, 300));
        awaited.add(leaving.applyAsync(Sleep.TYPE, 30_000));
        awaited.add(leaving.mapAsync(Sleep.TYPE, Collections.nCopies(100, 30_000)));
        var endless =
                leaving.imap(Square.TYPE, LongStream.iterate(1, n -> n + 1).iterator());
        leaving.terminate();

        assertThat(awaited)
                .allSatisfy(result ->
                        assertThatThrownBy(() -> result.get(SOON)).isInstanceOf(TaskCancelledException.class));
        assertThatThrownBy(() -> endless.forEachRemaining(square -> {})).isInstanceOf(FarmException.class);
        assertThat(leaving.join(Duration.ZERO)).isTrue();
        // None of the long sleeps has begun, or this would wait for it.
        assertThat(pool.applyAsync(Square.TYPE, 8).get(SOON)).isEqualTo(64L);
    }

    private static SharedValue made(SharedValue value) {
        value.make(Typecode.I, 0);
        return value;
    }

    /** Has the one worker do something, long enough for a call to be cancelled behind it. */
    private AsyncResult<Object> occupyTheWorker() {
        var mark = scratch.resolve("begun-" + System.nanoTime());
        var busy = pool.applyAsync(MarkedSleep.TYPE, mark.toString(), 1_000, "released");
        await("the task that occupies the worker").atMost(SOON).until(() -> Files.exists(mark));
        return busy;
    }
}
