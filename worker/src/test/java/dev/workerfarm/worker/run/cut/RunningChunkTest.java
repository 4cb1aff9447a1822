package dev.workerfarm.worker.run.cut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.error.PublishException;
import dev.workerfarm.error.PublishTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class RunningChunkTest {
    private static final Duration NEVER = Duration.ofDays(1);

    private final List<String> tails = new ArrayList<>();
    private final CompletableFuture<Void> taken = new CompletableFuture<>();
    private final RunningChunk chunk = chunk(10, 20);

    private RunningChunk chunk(int from, int to) {
        return new RunningChunk(from, to, "queue", (first, middle, last) -> {
            tails.add(first + (middle == last ? "-" : "-" + middle + "-") + last);
            return taken;
        });
    }

    private List<Integer> rest(RunningChunk of) {
        List<Integer> begun = new ArrayList<>();
        for (var place = of.next(); place >= 0; place = of.next()) {
            begun.add(place);
        }
        return begun;
    }

    @Test
    void withoutACutAllItemsAreBegunOnce() {
        assertThat(rest(chunk)).containsExactly(10, 11, 12, 13, 14, 15, 16, 17, 18, 19);
        assertThat(chunk.close()).isEqualTo(20);
        chunk.cut(NEVER);
        assertThat(tails).as("it has ended").isEmpty();
    }

    @Test
    void halfOfWhatHasNotBegunGoesElsewhereAgainAndAgainAndAtLastTheOnlyItem() {
        taken.complete(null);
        assertThat(chunk.next()).isEqualTo(10);
        IntStream.range(0, 6).forEach(i -> chunk.cut(NEVER));

        assertThat(tails).containsExactly("15-20", "13-15", "12-13", "11-12");
        assertThat(chunk.next()).isEqualTo(-1);
        assertThat(chunk.close()).isEqualTo(11);
    }

    @Test
    void behindAnItemThatIsLongItselfAllGoElsewhereInTwoHalves() {
        taken.complete(null);
        chunk.next();
        chunk.cut(Duration.ZERO);

        assertThat(tails).containsExactly("11-15-20");
        assertThat(chunk.next()).isEqualTo(-1);
        assertThat(chunk.close()).isEqualTo(11);
    }

    @Test
    void theItemsStayWhereTheBrokerRefusesThemOrTakesNone() {
        taken.completeExceptionally(new PublishException("refused"));
        chunk.cut(NEVER);
        assertThat(tails).hasSize(1);

        var full = new RunningChunk(0, 4, "queue", (from, middle, to) -> {
            throw new PublishTimeoutException("the window is full");
        });
        full.cut(NEVER);

        assertThat(rest(chunk)).hasSize(10);
        assertThat(rest(full)).hasSize(4);
    }

    @Test
    void theItemsComeBackWhereTheBrokerDoesNotAnswer() {
        chunk.next();
        chunk.cut(NEVER); // the broker is silent, the thread waits for it at the end of its items

        assertThat(rest(chunk)).containsExactly(11, 12, 13, 14, 15, 16, 17, 18, 19);
        assertThat(taken).as("given up, so that it is not published later").isCompletedExceptionally();
    }

    @Test
    void anInterruptDoesNotEndTheWaitForACut() {
        chunk.cutAt(10, 10);
        Thread.currentThread().interrupt();

        assertThat(chunk.next()).isEqualTo(10);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aCutIsNeverMadeBeforeAnItemThatHasBegun() {
        taken.complete(null);
        chunk.next();
        chunk.next();
        chunk.cutAt(11, 11);

        assertThat(tails).isEmpty();
        chunk.cutAt(12, 12);
        assertThat(tails).containsExactly("12-20");
    }

    @RepeatedTest(50)
    void everyItemIsBegunHereOrElsewhereAndNoneTwiceWhileItIsCut() {
        var elsewhere = new AtomicInteger();
        var all = new RunningChunk(0, 1_000, "queue", (from, middle, to) -> {
            elsewhere.addAndGet(to - from);
            return CompletableFuture.completedFuture(null);
        });
        var cutter = CompletableFuture.runAsync(() -> IntStream.range(0, 20).forEach(i -> all.cut(NEVER)));

        var here = rest(all);
        await().until(cutter::isDone);

        assertThat(here.size() + elsewhere.get()).isEqualTo(1_000);
        assertThat(here)
                .containsExactlyElementsOf(
                        IntStream.range(0, here.size()).boxed().toList());
    }
}
