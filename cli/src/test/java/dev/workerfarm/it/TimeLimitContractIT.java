package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.error.TaskFailedException;
import dev.workerfarm.pool.AsyncResult;
import dev.workerfarm.pool.ItemOutcome;
import dev.workerfarm.task.BuiltIn.Sleep;
import dev.workerfarm.task.Square;
import dev.workerfarm.task.TaskType;
import dev.workerfarm.task.TimeLimits;
import dev.workerfarm.testkit.Begins;
import dev.workerfarm.testkit.CliRun;
import dev.workerfarm.testkit.ContractFarm;
import dev.workerfarm.testkit.Overlong;
import dev.workerfarm.testkit.OverlongAdd;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What takes longer than it may, on whatever broker. */
@Timeout(90)
class TimeLimitContractIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final TimeLimits SOFT = TimeLimits.NONE.withSoft(Duration.ofMillis(200));
    private static final TimeLimits HARD = TimeLimits.NONE.withHard(Overlong.HARD_LIMIT);
    private static final String OVER = "it took longer than its hard time limit of 700 ms";

    @RegisterExtension
    private static final ContractFarm FARM = ContractFarm.withWorkers(1, 0);

    @TempDir
    private Path folder;

    private Path log;
    private Path endlessLog;

    @BeforeEach
    void makeLogs() {
        log = folder.resolve("log");
        endlessLog = folder.resolve("endless");
    }

    private Overlong.Arguments arguments(int value, boolean endless) {
        return new Overlong.Arguments((endless ? endlessLog : log).toString(), endless, value);
    }

    /** The items of a map of which one does not end. */
    private List<Overlong.Arguments> items(int count, int endless) {
        return IntStream.range(0, count)
                .mapToObj(i -> arguments(i, i == endless))
                .toList();
    }

    private static void assertTimedOut(AsyncResult<?> result) {
        assertThatThrownBy(() -> result.get(SOON)).isInstanceOfSatisfying(TaskFailedException.class, failure -> {
            assertThat(failure.type()).isEqualTo("TimeLimitExceeded");
            assertThat(failure.text()).isEqualTo(OVER);
        });
    }

    /** One process and then another, which consumes. */
    private static void awaitAnother(List<Long> before) {
        await("another process")
                .atMost(SOON)
                .until(() -> FARM.workers().pids().size() == 1
                        && !FARM.workers().pids().equals(before));
    }

    private static void assertNobodyIsGivenUp() throws Exception {
        assertThat(FARM.farm().waiting(FARM.farm().dead())).as("dead letters").isZero();
        assertThat(FARM.farm().waiting(FARM.farm().tasks())).as("tasks").isZero();
    }

    @Test
    void aTaskIsInterruptedAtItsSoftLimitAndItsProcessGoesOn() {
        var before = FARM.workers().pids();

        assertThatThrownBy(() -> FARM.pool()
                        .task(Sleep.TYPE)
                        .limits(SOFT)
                        .applyAsync(60_000, "awake")
                        .get(SOON))
                .isInstanceOfSatisfying(TaskFailedException.class, failure -> {
                    assertThat(failure.type()).isEqualTo("SoftTimeLimitExceeded");
                    assertThat(failure.text()).isEqualTo("it took longer than its soft time limit of 200 ms");
                });

        assertThat(FARM.pool().apply(Square.TYPE, 7)).isEqualTo(49L);
        assertThat(FARM.workers().pids()).isEqualTo(before);
    }

    @Test
    void soAreTheItemsOfAMapEachForItself() {
        var outcomes = FARM.pool()
                .task(Sleep.TYPE)
                .chunkSize(3)
                .limits(SOFT)
                .outcomes(List.of(new Sleep(0, "a"), new Sleep(60_000, "b"), new Sleep(0, "c")))
                .toList();

        assertThat(outcomes.stream().map(TimeLimitContractIT::text)).containsExactly("a", "SoftTimeLimitExceeded", "c");
    }

    @Test
    void aTaskThatOutlastsTheHardLimitOfItsTypeHasFailedAndWhatWaitsBehindItRunsInAnotherProcess() throws Exception {
        var before = FARM.workers().pids();

        var endless = FARM.pool().applyAsync(Overlong.TYPE, arguments(0, true));
        var others = LongStream.range(0, 20)
                .mapToObj(n -> FARM.pool().applyAsync(Square.TYPE, n))
                .toList();

        assertTimedOut(endless);
        for (int n = 0; n < 20; n++) {
            assertThat(others.get(n).get(SOON)).isEqualTo((long) n * n);
        }
        awaitAnother(before);
        assertThat(Begins.of(endlessLog)).isEqualTo(before);
        assertNobodyIsGivenUp();
    }

    @Test
    void anItemOfAChunkThatOutlastsItIsNotRunAgainAndItsNeighboursSucceed() throws Exception {
        assertChunk(Overlong.TYPE);
        assertNobodyIsGivenUp();
    }

    @Test
    void whereATaskUsesSharedStateWhatTookTooLongHasNoEffectsAndTheOthersCountOnce() throws Exception {
        FARM.shared().value(OverlongAdd.VALUE).set(0);

        assertTimedOut(FARM.pool().task(OverlongAdd.TYPE).limits(HARD).applyAsync(arguments(0, true)));
        assertThat(Begins.of(endlessLog)).hasSize(1);
        assertThat(FARM.shared().value(OverlongAdd.VALUE).get()).isEqualTo(0L);

        assertChunk(OverlongAdd.TYPE);
        assertThat(FARM.shared().value(OverlongAdd.VALUE).get()).isEqualTo(29L);
        assertNobodyIsGivenUp();
    }

    private void assertChunk(TaskType<Overlong.Arguments, Object> type) throws Exception {
        var endlessBefore = Begins.of(endlessLog).size();

        var outcomes = FARM.pool()
                .task(type)
                .chunkSize(30)
                .limits(HARD)
                .outcomes(items(30, 13))
                .toList();

        assertThat(outcomes.stream().map(TimeLimitContractIT::text))
                .containsExactlyElementsOf(IntStream.range(0, 30)
                        .mapToObj(i -> i == 13 ? "TimeLimitExceeded" : String.valueOf(i))
                        .toList());
        assertThat(Begins.of(endlessLog)).hasSize(endlessBefore + 1);
    }

    private static String text(ItemOutcome<?> outcome) {
        var failure = outcome.failure();
        return failure == null ? String.valueOf(outcome.value()) : failure.type();
    }

    @Test
    void theCommandLineSaysHowLongATaskMayTake() {
        var run = CliRun.of(
                FARM.farm().environment(), "run", "sleep", "60000", "--soft-limit", "100ms", "--hard-limit", "1h");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("SoftTimeLimitExceeded: it took longer than its soft time limit of 100 ms");
        assertThat(CliRun.of(FARM.farm().environment(), "run", "sleep", "1", "--hard-limit", "0s")
                        .code())
                .isEqualTo(2);
    }
}
