package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.pool.AsyncResult;
import dev.workerfarm.pool.ItemOutcome;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.task.UpdateValue;
import dev.workerfarm.testkit.Begins;
import dev.workerfarm.testkit.Counting;
import dev.workerfarm.testkit.GatedCount;
import dev.workerfarm.testkit.PrivateFarm;
import dev.workerfarm.testkit.Proof;
import dev.workerfarm.testkit.TestFarm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Effects count once, however often a worker is killed. On a RabbitMQ and a Redis of its own. */
@Timeout(120)
class ExactlyOnceIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int ELEMENTS = 100;

    @RegisterExtension
    private static final PrivateFarm PRIVATE = PrivateFarm.withWorkers(3, 0);

    @TempDir
    private Path scratch;

    private TestFarm farm;
    private Pool pool;
    private RedisSharedState shared;

    @BeforeEach
    void connect() {
        farm = PRIVATE.farm();
        pool = farm.connect();
        shared = farm.shared();
    }

    @AfterEach
    void close() {
        pool.terminate();
        shared.close();
    }

    @Test
    void aWorkerKilledBetweenCommitAndAckHasCountedOnceAndItsOutcomeIsAnswered() throws Exception {
        var result = killBetweenCommitAndAck("single", 1, arguments -> pool.applyAsync(GatedCount.TYPE, arguments));

        assertThat(result.get(SOON)).isEqualTo(result.id());
        assertThat(shared.value("single").get()).isEqualTo(1L);
    }

    @Test
    void soHasAWholeChunk() throws Exception {
        var result = killBetweenCommitAndAck(
                "chunk",
                20,
                arguments -> pool.task(GatedCount.TYPE).chunkSize(20).mapAsync(Collections.nCopies(20, arguments)));

        assertThat(result.get(SOON))
                .isEqualTo(IntStream.range(0, 20)
                        .mapToObj(i -> result.id() + ":" + i)
                        .toList());
        assertThat(shared.value("chunk").get()).isEqualTo(20L);
    }

    private interface Call<R> {
        AsyncResult<R> with(GatedCount.Arguments arguments);
    }

    /** Nobody else runs it afterwards. */
    private <R> AsyncResult<R> killBetweenCommitAndAck(String name, int calls, Call<R> call) throws IOException {
        var mark = scratch.resolve("mark");
        var gate = scratch.resolve("gate");
        var result = call.with(new GatedCount.Arguments(name, mark.toString(), gate.toString()));
        await("a run").atMost(SOON).until(() -> !Begins.of(mark).isEmpty());
        PRIVATE.rabbitMq().freeze(); // so no reply is confirmed, and nothing acked
        try {
            Files.createFile(gate);
            await("the commit")
                    .atMost(SOON)
                    .until(() -> shared.value(name).get().equals((long) calls));
            ProcessHandle.of(Begins.of(mark).get(0)).orElseThrow().destroyForcibly();
        } finally {
            PRIVATE.rabbitMq().thaw();
        }
        assertThat(result.await(SOON)).isTrue();
        assertThat(Begins.of(mark)).as("begins").hasSize(calls);
        return result;
    }

    @Proof
    @Test
    void manyTasksAndItemsCountOnceWhileWorkersAreKilled() throws Exception {
        var count = 4_000;
        shared.array("storm").fill(ELEMENTS, 0);
        shared.value("storm").set(0);
        var arguments = LongStream.range(0, count)
                .mapToObj(number -> new Counting.Arguments("storm", number, ELEMENTS))
                .toList();
        List<AsyncResult<List<Long>>> halves = List.of(
                pool.task(Counting.TYPE).chunkSize(1).mapAsync(arguments.subList(0, count / 2)),
                pool.mapAsync(Counting.TYPE, arguments.subList(count / 2, count)));
        var random = new Random(7);
        for (int kill = 1; kill <= 6; kill++) {
            // Between two kills there is work done, so all of them hit something.
            var done = (long) count * kill / 8;
            await(kill + " eighths of the work")
                    .atMost(SOON)
                    .until(() -> shared.value("storm").getLong() >= done);
            var pids = PRIVATE.workers().pids();
            ProcessHandle.of(pids.get(random.nextInt(pids.size()))).ifPresent(ProcessHandle::destroyForcibly);
        }

        List<Long> results = new ArrayList<>();
        halves.forEach(half -> results.addAll(half.get(SOON)));
        assertThat(results).isEqualTo(LongStream.range(0, count).boxed().toList());
        assertThat(shared.value("storm").get()).isEqualTo((long) count);
        assertThat(shared.array("storm").toList()).isEqualTo(Collections.nCopies(ELEMENTS, (long) count / ELEMENTS));
        assertThat(farm.waiting(farm.dead())).as("dead letters").isZero();
    }

    @Test
    void callsThatReadWhatOthersChangeRunAgainUntilTheyFit() {
        var calls = 300;
        Supplier<List<Number>> everyNumberOnce =
                () -> pool.map(UpdateValue.TYPE, Collections.nCopies(calls, new UpdateValue("hot", 1)));

        assertThat(everyNumberOnce.get())
                .containsExactlyInAnyOrderElementsOf(LongStream.rangeClosed(1, calls)
                        .mapToObj(Number.class::cast)
                        .toList());
        assertThat(shared.value("hot").get()).isEqualTo((long) calls);
    }

    @Test
    void aFailedItemHasNoEffectsAndSparesItsNeighbours() {
        shared.value("limit").set(Long.MAX_VALUE - 3);
        var items = Collections.nCopies(6, new UpdateValue("limit", 1));

        var outcomes = pool.task(UpdateValue.TYPE).chunkSize(6).outcomes(items).toList();

        assertThat(outcomes.stream().filter(ItemOutcome::succeeded).count()).isEqualTo(3);
        assertThat(shared.value("limit").get()).isEqualTo(Long.MAX_VALUE);
    }
}
