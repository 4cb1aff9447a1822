package dev.workerfarm.worker.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.workerfarm.error.PublishException;
import dev.workerfarm.error.PublishTimeoutException;
import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.task.RawArguments;
import dev.workerfarm.task.TaskType;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.task.ChunkPart;
import dev.workerfarm.wire.task.MapChunk;
import dev.workerfarm.wire.task.MapChunkResult;
import dev.workerfarm.wire.task.TaskMessage;
import dev.workerfarm.worker.commit.Committer;
import dev.workerfarm.worker.commit.MemoryLedger;
import dev.workerfarm.worker.commit.SettledRun;
import dev.workerfarm.worker.crash.Turn;
import dev.workerfarm.worker.link.RunningFile;
import dev.workerfarm.worker.process.Cancellation;
import dev.workerfarm.worker.run.MapRunner.Overdue;
import dev.workerfarm.worker.run.MapRunner.Suspended;
import dev.workerfarm.worker.run.cut.Cuts;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Chunks of a task with shared state, and parts of them, on a ledger in memory. */
@Timeout(20)
class ChunkRunTest {
    private static final String ROOT = "map.0";
    private static final int COUNT = 6;
    private static final TaskRun WHOLE = new TaskRun(ROOT, 0, 0);

    private final MemoryLedger ledger = new MemoryLedger();
    private final Cancellation cancellation = new Cancellation();
    private final List<Object> begun = new ArrayList<>();
    private final List<ChunkPart> tails = new ArrayList<>();
    private Function<ChunkPart, CompletableFuture<Void>> broker = part -> CompletableFuture.completedFuture(null);
    /** While the second item runs. */
    private Runnable meanwhile = () -> {};

    private int asked;
    private final Cuts cuts = new Cuts();
    private final Committer committer = new Committer(ledger, cancellation);
    private final MapRunner runner = new MapRunner(
            new TaskRunner(
                    "cpu-1@here.7",
                    TaskRegistry.load(List.of(new StubTask<>(
                            TaskType.of("add", RawArguments.class, Object.class).withSharedState(), (args, context) -> {
                                begun.add(args.args().get(0));
                                if (args.args().contains(1L)) {
                                    meanwhile.run();
                                }
                                context.shared().value("n").add(1);
                                return args.args().get(0);
                            }))),
                    new Activity(Clock.systemUTC()),
                    cancellation,
                    new Revocations(),
                    new TimeLimitWatch(() -> {}, fault -> {})),
            new Revocations(),
            committer,
            cancellation,
            () -> Long.MAX_VALUE,
            cuts,
            Clock.systemUTC());

    private Execution run(String id, int from, int to, boolean redelivered) {
        return run(id, from, to, redelivered, null);
    }

    private Execution run(String id, int from, int to, boolean redelivered, @Nullable Suspended earlier) {
        var items = LongStream.range(from, to).mapToObj(List::of).toList();
        Map<String, Object> chunk =
                new HashMap<>(Map.of("task", "add", "map", "map", "start", (long) from, "items", items));
        if (!id.equals(ROOT)) {
            chunk.putAll(Map.of("root", ROOT, "from", (long) from, "of", (long) COUNT));
        }
        var headers = Map.<String, Object>of("farm-cut", true);
        var message = new TaskMessage(id, MapChunk.TASK, 0, 0, List.of(), chunk, null, id, false, headers);
        var turn =
                new Turn(RunningFile.open(null, "test", 1).slot(0), List.of(), index -> {}, () -> {}, new TreeMap<>());
        var overdue = new Overdue() {
            @Override
            public void settle(Execution execution) {
                throw new IllegalStateException("nothing is overdue");
            }

            @Override
            public void runAgainWithout(int item, @Nullable ChunkPart rest, Execution fallback) {
                throw new IllegalStateException("nothing is overdue");
            }

            @Override
            public boolean isRedelivered() {
                return redelivered;
            }

            @Override
            public String queue() {
                return "queue";
            }

            @Override
            public CompletableFuture<Void> publish(ChunkPart part) {
                tails.add(part);
                return broker.apply(part);
            }
        };
        return earlier == null ? runner.run(message, turn, overdue) : runner.resume(message, turn, overdue, earlier);
    }

    private void look(BooleanSupplier until) {
        while (!until.getAsBoolean()) {
            cuts.look(queue -> ++asked > 0);
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static List<Object> values(Execution execution) {
        var result = (MapChunkResult) Objects.requireNonNull(((Outcome.Succeeded) execution.outcome()).value());
        return result.outcomes().stream()
                .map(outcome -> Objects.requireNonNull(((Outcome.Succeeded) outcome).value()))
                .toList();
    }

    @Test
    void aRedeliveredChunkObeysACutThatWasNotedAndPublishesItsTailAgain() {
        ledger.cut(WHOLE, 2, false);

        var execution = run(ROOT, 0, COUNT, true);

        assertThat(tails).containsExactly(new ChunkPart(ROOT, 2, COUNT));
        assertThat(values(execution)).isEqualTo(begun).containsExactly(0L, 1L);
        assertThat(execution.committed())
                .isEqualTo(new SettledRun(new TaskRun(ROOT + "/0-2", 0, 0, ROOT), 0, 2, COUNT));
    }

    @Test
    void whereTheBrokerRefusesTheTailAllItemsRunHere() {
        ledger.cut(WHOLE, 2, false);
        broker = part -> CompletableFuture.failedFuture(new PublishException("refused"));

        var execution = run(ROOT, 0, COUNT, true);

        assertThat(values(execution)).isEqualTo(begun).hasSize(COUNT);
        assertThat(execution.committed()).isEqualTo(new SettledRun(WHOLE, 0, COUNT, COUNT));
    }

    @Test
    void anItemCountsOnceWhetherItsPartRunsFirstOrTheWholeChunk() {
        assertThat(values(run(ROOT + "/4-6", 4, 6, false))).containsExactly(4L, 5L);
        assertThat(values(run(ROOT, 0, COUNT, true))).hasSize(COUNT);
        assertThat(values(run(ROOT + "/2-4", 2, 4, false))).containsExactly(2L, 3L);

        assertThat(begun).containsExactly(4L, 5L, 0L, 1L, 2L, 3L);
        assertThat(ledger.value("n")).isEqualTo(COUNT);
    }

    @Test
    void aPartIsSettledAsItself() {
        assertThat(run(ROOT + "/4-6", 4, 6, false).committed())
                .isEqualTo(new SettledRun(new TaskRun(ROOT + "/4-6", 0, 0, ROOT), 4, 6, COUNT));
    }

    @Test
    void aChunkThatWasNotCutBeforeIsNotCutWhenItIsRedelivered() {
        assertThat(values(run(ROOT, 0, COUNT, true))).hasSize(COUNT);
        assertThat(tails).isEmpty();
    }

    @Test
    void whereRedisDoesNotTakeTheNoteTheChunkIsNotCut() {
        meanwhile = () -> {
            ledger.away(Integer.MAX_VALUE);
            look(() -> asked > 1);
            ledger.away(0);
        };

        assertThat(values(run(ROOT, 0, COUNT, false))).isEqualTo(begun).hasSize(COUNT);
        assertThat(tails).isEmpty();
    }

    @Test
    void whatAnotherRunHasCutElsewhereIsNotCut() {
        ledger.cut(WHOLE, 5, false);
        meanwhile = () -> look(() -> asked > 1);

        assertThat(values(run(ROOT, 0, COUNT, false))).isEqualTo(begun).hasSize(COUNT);
        assertThat(tails).isEmpty();
    }

    @Test
    void whereTheBrokerTakesOneOfTwoPartsOnlyBothAreGivenUp() {
        var first = new CompletableFuture<Void>();
        var since = System.nanoTime();
        broker = part -> {
            if (tails.size() > 1) {
                throw new PublishTimeoutException("the window is full");
            }
            return first;
        };
        meanwhile = () -> {
            while (System.nanoTime() - since < 2 * Cuts.LONG.toNanos()) { // a long item
                LockSupport.parkNanos(1_000_000);
            }
            look(first::isDone);
        };

        assertThat(values(run(ROOT, 0, COUNT, false))).isEqualTo(begun).hasSize(COUNT);
        assertThat(tails).containsExactly(new ChunkPart(ROOT, 2, 4), new ChunkPart(ROOT, 4, 6));
        assertThat(first).as("it is not published later").isCompletedExceptionally();
    }

    @Test
    void aRunThatIsSetAsideAfterACutGoesOnWithTheItemsThatStayed() {
        meanwhile = () -> {
            look(() -> !tails.isEmpty());
            ledger.away(Integer.MAX_VALUE);
        };
        var setAside = catchThrowableOfType(Suspended.class, () -> run(ROOT, 0, COUNT, false));
        assertThat(setAside.holdsOutcomes()).isTrue();
        ledger.away(0);
        assertThat(committer.watch().awaitBack()).isTrue();

        var execution = run(ROOT, 0, COUNT, false, setAside);

        var end = tails.get(0).from();
        assertThat(values(execution)).isEqualTo(begun).hasSize(end);
        assertThat(ledger.value("n")).isEqualTo(end);
        assertThat(execution.committed())
                .isEqualTo(new SettledRun(new TaskRun(ROOT + "/0-" + end, 0, 0, ROOT), 0, end, COUNT));
    }
}
