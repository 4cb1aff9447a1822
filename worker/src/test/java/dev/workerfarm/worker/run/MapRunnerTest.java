package dev.workerfarm.worker.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.task.RawArguments;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.ResultCodec;
import dev.workerfarm.wire.task.ChunkPart;
import dev.workerfarm.wire.task.MapChunk;
import dev.workerfarm.wire.task.MapChunkResult;
import dev.workerfarm.wire.task.TaskMessage;
import dev.workerfarm.worker.crash.Charge;
import dev.workerfarm.worker.crash.Turn;
import dev.workerfarm.worker.link.DeathReport.Running;
import dev.workerfarm.worker.link.RunningFile;
import dev.workerfarm.worker.process.Cancellation;
import dev.workerfarm.worker.run.Execution.DeadReason;
import dev.workerfarm.worker.run.MapRunner.Overdue;
import dev.workerfarm.worker.run.cut.Cuts;
import dev.workerfarm.worker.task.SquareTask;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MapRunnerTest {
    private final Revocations revocations = new Revocations();
    private final Cancellation cancellation = new Cancellation();
    private final Cuts cuts = new Cuts();
    private final MapRunner runner = new MapRunner(
            new TaskRunner(
                    "cpu-1@here.7",
                    TaskRegistry.load(List.of(
                            new SquareTask(),
                            StubTask.of("moody", MapRunnerTest::moody),
                            StubTask.of("revokes_its_map", this::revokeItsMap),
                            StubTask.of("cuts", this::cutOnce),
                            StubTask.of("cuts_deaf_to_x", this::cutOnceDeafToX),
                            StubTask.of("deaf_to_x", this::deafToX),
                            StubTask.of(
                                    "who",
                                    (args, context) -> context.id() + " " + context.attempt() + " " + args.args()))),
                    new Activity(Clock.systemUTC()),
                    cancellation,
                    revocations,
                    new TimeLimitWatch(cancellation::cancel, fault -> {})),
            revocations,
            NoRedis.committer(cancellation),
            cancellation,
            () -> Long.MAX_VALUE,
            cuts,
            Clock.systemUTC());

    private final List<ChunkPart> tails = new CopyOnWriteArrayList<>();
    private final BlockingQueue<String> settled = new LinkedBlockingQueue<>();
    private final List<Object> begun = new ArrayList<>();
    private final Overdue overdue = new Overdue() {
        @Override
        public void settle(Execution execution) {
            settled.add("comes to " + failure(execution.outcome()));
        }

        @Override
        public void runAgainWithout(int item, @Nullable ChunkPart rest, Execution fallback) {
            var outcome = fallback.outcome();
            settled.add((rest == null ? "" : rest.id() + " ") + "runs again without " + item + ", else "
                    + (outcome instanceof Outcome.Failed ? failure(outcome) : failures(result(fallback))));
        }

        @Override
        public boolean isRedelivered() {
            return false;
        }

        @Override
        public String queue() {
            return "queue";
        }

        @Override
        public CompletableFuture<Void> publish(ChunkPart part) {
            tails.add(part);
            return CompletableFuture.completedFuture(null);
        }
    };

    /** With "x" it runs until the process ends, which here is that what runs is cancelled. */
    private Object deafToX(RawArguments args, TaskContext context) {
        var value = args.args().get(0);
        begun.add(value);
        while (value.equals("x") && !cancellation.isCancelled()) {
            LockSupport.parkNanos(1_000_000);
        }
        return value;
    }

    /** With "x" it runs until its chunk is cut. */
    private Object cutOnce(RawArguments args, TaskContext context) {
        while (args.args().contains("x") && tails.isEmpty()) {
            cuts.look(queue -> true);
            LockSupport.parkNanos(1_000_000);
        }
        return context.id();
    }

    /** With "x" it runs until its chunk is cut, and then until the process ends. */
    private Object cutOnceDeafToX(RawArguments args, TaskContext context) {
        cutOnce(args, context);
        return deafToX(args, context);
    }

    private Object revokeItsMap(RawArguments args, TaskContext context) {
        revocations.add(List.of("map"));
        return "begun";
    }

    /** Does whatever its argument says. */
    private static @Nullable Object moody(RawArguments args, TaskContext context) throws Exception {
        return switch (String.valueOf(args.args().get(0))) {
            case "throw" -> throw new IllegalStateException("moody");
            case "overflow" -> throw new StackOverflowError();
            case "interrupt" -> {
                Thread.currentThread().interrupt();
                yield 1;
            }
            case "sleep" -> {
                Thread.sleep(1);
                yield "slept";
            }
            case "unencodable" -> new Object();
            default -> args.args().get(0);
        };
    }

    private Execution run(String task, Map<String, Object> kwargs) {
        return run(new TaskMessage("message", task, 2, 0, List.of(), kwargs, null, "c", false, Map.of()));
    }

    private Execution run(TaskMessage message) {
        return runner.run(message, turn(), overdue);
    }

    /** A turn of a message of which these processes have died. */
    private static Turn turn(Charge... charges) {
        return new Turn(
                RunningFile.open(null, "test", 1).slot(0), List.of(charges), index -> {}, () -> {}, new TreeMap<>());
    }

    private List<Outcome> runChunk(String task, long start, List<List<Object>> items) {
        var execution = run(MapChunk.TASK, Map.of("task", task, "map", "map", "start", start, "items", items));
        assertThat(execution.dead()).isNull();
        return outcomes(execution, items.size());
    }

    private static List<Outcome> outcomes(Execution execution, int count) {
        var encoded = ResultCodec.encode("message", "c", execution.outcome());
        var outcome = Objects.requireNonNull(
                ResultCodec.decode(encoded.properties(), encoded.body()).outcome());
        return MapChunkResult.from(((Outcome.Succeeded) outcome).value(), count).outcomes();
    }

    private static Outcome succeeded(Object value) {
        return new Outcome.Succeeded(value);
    }

    private static String failure(Outcome outcome) {
        var failure = ((Outcome.Failed) outcome).failure();
        return failure.type() + ": " + failure.text();
    }

    @Test
    void runsASingleCallAsItIs() {
        assertThat(run(TaskMessage.of("i", "square", List.of(7L), Map.of(), null, Map.of())))
                .isEqualTo(Execution.of(succeeded(49L)));
        assertThat(run("nix", Map.of()).dead()).isEqualTo(DeadReason.UNKNOWN_TASK);
    }

    @Test
    void namesEachItemByItsPlaceInTheMap() {
        assertThat(runChunk("who", 5_000_000_000L, List.of(List.of(), List.of(1L))))
                .containsExactly(succeeded("map:5000000000 2 []"), succeeded("map:5000000001 2 [1]"));
    }

    @Test
    void aChunkOfOneIsRunAgainAndOneOfSeveralAnswersItsFailures() {
        var one = runWithRetry(0, List.of(List.of("throw")));
        assertThat(one.outcome())
                .isInstanceOfSatisfying(
                        Outcome.Postponed.class,
                        postponed -> assertThat(postponed.attempt()).isEqualTo(1));

        var exhausted = runWithRetry(1, List.of(List.of("throw")));
        assertThat(failure(exhausted.outcome())).isEqualTo("IllegalStateException: moody");
        assertThat(exhausted.dead()).isEqualTo(DeadReason.RETRIES_EXHAUSTED);

        var several = runWithRetry(0, List.of(List.of("throw"), List.of(1L)));
        assertThat(several.dead()).isNull();
        assertThat(several.outcome()).isInstanceOf(Outcome.Succeeded.class);
    }

    private Execution runWithRetry(int attempt, List<List<Object>> items) {
        var chunk = Map.<String, Object>of("task", "moody", "map", "map", "start", 0L, "items", items);
        var headers = Map.<String, Object>of("farm-retry", Map.of("attempts", 2));
        return run(new TaskMessage("m", MapChunk.TASK, attempt, 0, List.of(), chunk, null, "c", false, headers));
    }

    @Test
    void whatIsDueLaterWaitsAndWhatHasExpiredIsNotRun() {
        var later = "2999-01-01T00:00:00Z";
        var past = "2020-01-01T00:00:00Z";
        assertThat(runAt(Map.of("eta", later)).outcome())
                .isEqualTo(new Outcome.Postponed(Instant.parse(later), 3, null));
        assertThat(runAt(Map.of("eta", past)).outcome()).isEqualTo(succeeded(49L));
        assertThat(runAt(Map.of("expires", later)).outcome()).isEqualTo(succeeded(49L));
        assertThat(failure(runAt(Map.of("expires", past)).outcome())).isEqualTo("TaskRevokedError: expired");
        assertThat(failure(runAt(Map.of("expires", past, "eta", later)).outcome()))
                .isEqualTo("TaskRevokedError: expired");
        revocations.add(List.of("m"));
        assertThat(failure(runAt(Map.of("eta", later)).outcome())).isEqualTo("TaskRevokedError: revoked");
    }

    private Execution runAt(Map<String, Object> headers) {
        return run(
                new TaskMessage("m", "square", 3, 0, List.of(7L), Map.of(), null, "c", false, new HashMap<>(headers)));
    }

    @Test
    void whatWasRevokedIsNotRun() {
        revocations.add(List.of("message"));

        assertThat(failure(run("square", Map.of()).outcome())).isEqualTo("TaskRevokedError: revoked");
        assertThat(run(TaskMessage.of("other", "square", List.of(7L), Map.of(), null, Map.of())))
                .isEqualTo(Execution.of(succeeded(49L)));
    }

    @Test
    void theItemsOfARevokedMapThatHaveNotBegunAreNotRun() {
        var outcomes = runChunk("revokes_its_map", 0, List.of(List.of(), List.of()));

        assertThat(outcomes.get(0)).isEqualTo(succeeded("begun"));
        assertThat(failure(outcomes.get(1))).isEqualTo("TaskRevokedError: revoked");
    }

    @Test
    void sparesTheNeighboursOfABadItem() {
        var outcomes = runChunk(
                "moody",
                0,
                List.of(
                        List.of(1L),
                        List.of("throw"),
                        List.of("overflow"),
                        List.of(),
                        List.of("unencodable"),
                        List.of("interrupt"),
                        List.of("sleep"),
                        List.of(2L)));
        assertThat(outcomes.get(0)).isEqualTo(succeeded(1L));
        assertThat(failure(outcomes.get(1))).isEqualTo("IllegalStateException: moody");
        assertThat(failure(outcomes.get(2))).isEqualTo("StackOverflowError: ");
        assertThat(failure(outcomes.get(3))).contains("IndexOutOfBoundsException: ");
        assertThat(failure(outcomes.get(4))).startsWith("ValueError: the task's result cannot be written as JSON: ");
        assertThat(outcomes.subList(5, 8)).containsExactly(succeeded(1L), succeeded("slept"), succeeded(2L));
    }

    @Test
    void sparesTheNeighboursOfWrongArguments() {
        var outcomes = runChunk("square", 0, List.of(List.of(3L), List.of("x"), List.of(), List.of(4L)));
        assertThat(outcomes.get(0)).isEqualTo(succeeded(9L));
        assertThat(failure(outcomes.get(1))).startsWith("TypeError: square() argument 'n'");
        assertThat(failure(outcomes.get(2))).isEqualTo("TypeError: square() missing required argument 'n'");
        assertThat(outcomes.get(3)).isEqualTo(succeeded(16L));
    }

    private static final String OVER = "TimeLimitExceeded: it took longer than its hard time limit of 20 ms";

    private TaskMessage limited(String task, List<Object> args, Map<String, Object> kwargs, Map<String, Object> more) {
        Map<String, Object> headers = new HashMap<>(more);
        headers.put("timelimit", Arrays.asList(0.02, null));
        return new TaskMessage("m", task, 0, 0, args, kwargs, null, "c", false, new HashMap<>(headers));
    }

    private TaskMessage limitedChunk(Map<String, Object> headers, Object... items) {
        var lists = Arrays.stream(items).map(List::of).toList();
        var chunk = Map.of("task", "deaf_to_x", "map", "m", "start", 0L, "items", lists);
        return limited(MapChunk.TASK, List.of(), chunk, headers);
    }

    @Test
    void aCallThatOutlastsItsHardLimitIsWhatItsMessageComesTo() {
        run(limited("deaf_to_x", List.of("x"), Map.of(), Map.of()));

        assertThat(settled).containsExactly("comes to " + OVER);
    }

    @Test
    void soIsAnItemOfACeleryMap() {
        Map<String, Object> items = Map.of("task", Map.of("task", "deaf_to_x"), "it", List.of(1L, "x", 2L));

        run(limited("celery.map", List.of(), items, Map.of()));

        assertThat(settled).containsExactly("comes to " + OVER);
    }

    @Test
    void theOtherItemsOfAChunkRunAgainWithoutTheOneThatTookTooLong() {
        run(limitedChunk(Map.of(), 1L, "x"));

        assertThat(settled).containsExactly("runs again without 1, else " + OVER);
    }

    @Test
    void thoseBehindItDoNotBeginInTheProcessThatEnds() {
        run(limitedChunk(Map.of(), 1L, "x", 2L));
        run(limited("celery.map", List.of(), Map.of("task", Map.of("task", "deaf_to_x"), "it", List.of(3L)), Map.of()));

        assertThat(begun).containsExactly(1L, "x");
    }

    @Test
    void anItemThatTookTooLongBeforeIsNotRunAgain() {
        var execution = run(limitedChunk(Map.of("farm-timed-out", List.of(1)), 1L, "x"));

        var outcomes = outcomes(execution, 2);
        assertThat(outcomes.get(0)).isEqualTo(succeeded(1L));
        assertThat(failure(outcomes.get(1))).isEqualTo(OVER);
        assertThat(settled).isEmpty();
    }

    @Test
    void aCallThatThreeProcessesDiedOfIsNotRunAndGivenUp() {
        var message = TaskMessage.of("i", "square", List.of(7L), Map.of(), null, Map.of());

        assertThat(runner.run(message, turn(died("a", 0), died("b", 0)), overdue))
                .isEqualTo(Execution.of(succeeded(49L)));
        var lost = runner.run(message, turn(died("a", 0), died("b", 0), died("c", 0)), overdue);
        assertThat(lost.dead()).isEqualTo(DeadReason.WORKER_LOST);
        assertThat(failure(lost.outcome()))
                .startsWith("WorkerLostError: lost its worker process 3 times: signal=9 host=here process=");
    }

    @Test
    void onlyTheItemThatThreeProcessesDiedOfIsNotRun() {
        var turn = turn(died("a", 1), died("b", 1), died("c", 1), died("d", 0), died("e", 0));
        Map<String, Object> chunk =
                Map.of("task", "square", "map", "map", "start", 5L, "items", List.of(List.of(3L), List.of(4L)));
        var message = new TaskMessage("m", MapChunk.TASK, 0, 0, List.of(), chunk, null, "m", false, Map.of());

        var execution = runner.run(message, turn, overdue);

        assertThat(execution.dead()).isNull();
        assertThat(turn.lost()).isNull();
        assertThat(turn.lostItems()).containsOnlyKeys(1);
        var item = MapChunk.item(message, 1);
        assertThat(item.id()).isEqualTo("map:6");
        assertThat(MapChunk.from(item.kwargs())).isEqualTo(new MapChunk("square", "map", 6, List.of(List.of(4L))));
    }

    @Test
    void aMessageThatThreeProcessesDiedOfReadingIsNotReadAgain() {
        var turn = turn(died("a", Running.AROUND), died("b", Running.AROUND), died("c", Running.AROUND));

        assertThat(turn.lost()).isNotNull();
    }

    private static Charge died(String process, int index) {
        return new Charge(process, index, 137, "here", List.of("last words"));
    }

    @Test
    void failsAChunkOfAnUnknownTaskAsAWholeForTheDeadLetters() {
        var chunk = Map.<String, Object>of("task", "nix", "map", "m", "start", 0L, "items", List.of(List.of()));

        assertThat(run(MapChunk.TASK, chunk)).isEqualTo(runner.runner().notRegistered("nix"));
    }

    private static TaskMessage cuttable(String id, Map<String, Object> headers, Map<String, Object> part) {
        var items = List.of(List.of(1L), List.of("x"), List.of(2L), List.of(3L), List.of(4L));
        Map<String, Object> chunk = new HashMap<>(Map.of("task", "cuts", "map", "map", "start", 100L, "items", items));
        chunk.putAll(part);
        Map<String, Object> all = new HashMap<>(headers);
        all.put("farm-cut", true);
        return new TaskMessage(id, MapChunk.TASK, 0, 0, List.of(), chunk, null, id, false, new HashMap<>(all));
    }

    private static MapChunkResult result(Execution execution) {
        return (MapChunkResult) Objects.requireNonNull(((Outcome.Succeeded) execution.outcome()).value());
    }

    @Test
    void answersTheItemsBeforeACutAndPublishesTheOthers() {
        var result = result(run(cuttable("map.100", Map.of(), Map.of())));

        assertThat(result.from()).isZero();
        assertCut("map.100", 0, result.outcomes());
    }

    /** The items before a cut behind the second one are answered, and the others published. */
    private void assertCut(String root, int first, List<Outcome> answered) {
        var place = first;
        for (var outcome : answered) {
            assertThat(outcome).isEqualTo(succeeded("map:" + (100 + place++ - first)));
        }
        assertThat(place).isBetween(first + 2, first + 4);
        for (var tail : tails) {
            assertThat(tail).isEqualTo(new ChunkPart(root, place, tail.to()));
            place = tail.to();
        }
        assertThat(place).isEqualTo(first + 5);
    }

    private static String failures(MapChunkResult result) {
        return result.from() + " "
                + result.outcomes().stream().map(MapRunnerTest::failure).toList();
    }

    @Test
    void whereTheRestOfACutChunkCannotRunAgainTheItemsElsewhereDoNotFail() {
        var limit = Map.<String, Object>of("timelimit", Arrays.asList(1, null));
        run(cuttable("map.100", limit, Map.of("task", "cuts_deaf_to_x")));

        var end = tails.get(0).from();
        var failures =
                Collections.nCopies(end, "TimeLimitExceeded: it took longer than its hard time limit of 1000 ms");
        assertThat(settled).containsExactly("map.100/0-" + end + " runs again without 1, else 0 " + failures);
    }

    @Test
    void aPartIsCutAtThePlacesOfItsChunk() {
        var part = Map.<String, Object>of("root", "map.0", "from", 100L, "of", 105L);
        var result = result(run(cuttable("map.0/100-105", Map.of(), part)));

        assertThat(result.from()).isEqualTo(100);
        assertCut("map.0", 100, result.outcomes());
    }

    @Test
    void aSingleItemOfAPartIsNotRunAgainAsItWouldNotBeInItsChunk() {
        var chunk = Map.<String, Object>of(
                "task",
                "moody",
                "map",
                "m",
                "start",
                4L,
                "items",
                List.of(List.of("throw")),
                "root",
                "m.0",
                "from",
                4L,
                "of",
                5L);
        var headers = Map.<String, Object>of("farm-retry", Map.of("attempts", 2));
        var part = new TaskMessage("m.0/4-5", MapChunk.TASK, 0, 0, List.of(), chunk, null, "c", false, headers);

        var result = result(run(part));

        assertThat(result.from()).isEqualTo(4);
        assertThat(failure(result.outcomes().get(0))).isEqualTo("IllegalStateException: moody");
    }

    @ParameterizedTest
    @ValueSource(strings = {"map", "map.0", "map.0/0-5"})
    void aPartIsRevokedByItsMapItsChunkAndItsOwnId(String id) {
        revocations.add(List.of(id));

        var execution = run(cuttable("map.0/0-5", Map.of(), Map.of("root", "map.0", "from", 0L, "of", 9L)));

        if (execution.outcome() instanceof Outcome.Succeeded) {
            assertThat(result(execution).outcomes())
                    .allSatisfy(outcome -> assertThat(failure(outcome)).isEqualTo("TaskRevokedError: revoked"));
        } else {
            assertThat(failure(execution.outcome())).isEqualTo("TaskRevokedError: revoked");
        }
    }

    @Test
    void runsAnEmptyChunk() {
        assertThat(runChunk("square", 0, List.of())).isEmpty();
    }

    @Test
    void runsCelerysMapAndStarmap() {
        Map<String, Object> square = Map.of("task", "square", "args", List.of());
        assertThat(run("celery.map", Map.of("task", square, "it", List.of(1L, 2L, 3.0))))
                .isEqualTo(Execution.of(succeeded(List.of(1L, 4L, 9.0))));
        Map<String, Object> who = Map.of("task", "who");
        assertThat(run("celery.starmap", Map.of("task", who, "it", List.of(List.of(1L, 2L), List.of()))))
                .isEqualTo(Execution.of(succeeded(List.of("message:0 2 [1, 2]", "message:1 2 []"))));
        assertThat(run("celery.map", Map.of("task", who, "it", Arrays.asList(null, List.of(1L)))))
                .isEqualTo(Execution.of(succeeded(List.of("message:0 2 [null]", "message:1 2 [[1]]"))));
    }

    @Test
    void failsCelerysMapWithItsFirstBadItem() {
        Map<String, Object> moody = Map.of("task", "moody");
        var execution = run("celery.map", Map.of("task", moody, "it", List.of(1L, "throw", 2L)));
        assertThat(failure(execution.outcome())).isEqualTo("IllegalStateException: moody");
        assertThat(execution.dead()).isNull();
        assertThat(run("celery.map", Map.of("task", Map.of("task", "nix"), "it", List.of(1L))))
                .isEqualTo(runner.runner().notRegistered("nix"));
    }

    @ParameterizedTest
    @ValueSource(strings = {MapChunk.TASK, "celery.map", "celery.starmap"})
    void buriesManyCallsInNoShape(String task) {
        for (var kwargs : List.<Map<String, Object>>of(
                Map.of(),
                Map.of("task", "square", "it", List.of(), "items", List.of()),
                Map.of("task", Map.of("task", 7L), "it", List.of()),
                Map.of("task", Map.of("task", "square"), "it", "text"))) {
            var execution = run(task, kwargs);
            assertThat(execution.dead()).isEqualTo(DeadReason.WRONG_ARGUMENTS);
            assertThat(failure(execution.outcome())).startsWith("TypeError: " + task + "() wants ");
        }
    }

    @Test
    void buriesAStarmapWhoseItemIsNoList() {
        var execution = run("celery.starmap", Map.of("task", Map.of("task", "square"), "it", List.of(7L)));
        assertThat(execution.dead()).isEqualTo(DeadReason.WRONG_ARGUMENTS);
    }
}
