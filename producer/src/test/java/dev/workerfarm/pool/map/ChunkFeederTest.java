package dev.workerfarm.pool.map;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.pool.map.ChunkFeeder.Chunk;
import dev.workerfarm.task.TimeLimits;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Outcome;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(20)
class ChunkFeederTest {
    private final Queue<Chunk> fed = new ConcurrentLinkedQueue<>();
    /** How the input failed, if it did. */
    private final CompletableFuture<Optional<Throwable>> ended = new CompletableFuture<>();

    @Test
    void anInputIsFedToItsEnd() throws Exception {
        feed(Stream.of(1, 2, 3).iterator());

        assertThat(ended.get(10, TimeUnit.SECONDS)).isEmpty();
        assertFed(3);
    }

    static Stream<Throwable> throwables() {
        return Stream.of(
                new IllegalStateException(),
                new AssertionError(),
                new StackOverflowError(),
                new Exception("checked, thrown on the sly"),
                new InterruptedException("the input's own"));
    }

    @ParameterizedTest
    @MethodSource("throwables")
    void whateverTheInputThrowsEndsTheMapBehindTheItemsBeforeIt(Throwable thrown) throws Exception {
        feed(failingAfter(2, thrown));

        assertThat(ended.get(10, TimeUnit.SECONDS)).containsSame(thrown);
        assertFed(2);
    }

    @ParameterizedTest
    @MethodSource("throwables")
    void anInputThatFailsAtOncePublishesNothing(Throwable thrown) throws Exception {
        feed(failingAfter(0, thrown));

        assertThat(ended.get(10, TimeUnit.SECONDS)).containsSame(thrown);
        assertFed(0);
    }

    /** In one chunk, or more where the machine was slow; none is empty. */
    private void assertFed(int items) {
        assertThat(fed.stream().mapToInt(Chunk::count).sum()).isEqualTo(items);
        assertThat(fed).allSatisfy(chunk -> assertThat(chunk.count()).isPositive());
    }

    private void feed(Iterator<?> items) {
        var plan = new MapPlan(
                "map",
                "square",
                "queue",
                "replies",
                1,
                -1,
                true,
                true,
                0,
                0,
                null,
                null,
                null,
                null,
                TimeLimits.NONE,
                false);
        var sizer = new ChunkSizer(0, plan.workers(), new MeasuredTime());
        var unread = new UnreadBytes(Long.MAX_VALUE).ofMap(plan, sizer);
        new ChunkFeeder(plan, ArgLists.of(items), sizer, unread, new Recorder()).start();
    }

    private static Iterator<?> failingAfter(int items, Throwable thrown) {
        return new Iterator<>() {
            private int given;

            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public Object next() {
                if (given == items) {
                    ChunkFeederTest.<RuntimeException>sneak(thrown);
                }
                return given++;
            }
        };
    }

    /** Throws it undeclared, as generated code and other JVM languages do. */
    @SuppressWarnings("unchecked") // erased: nothing is cast
    private static <T extends Throwable> void sneak(Throwable thrown) throws T {
        throw (T) thrown;
    }

    private final class Recorder implements ChunkFeeder.Out {
        @Override
        public CompletableFuture<List<Outcome>> publish(String id, int count, EncodedMessage message) {
            return new CompletableFuture<>();
        }

        @Override
        public void fed(Chunk chunk) {
            fed.add(chunk);
        }

        @Override
        public void ended(long chunks, @Nullable Throwable failure) {
            assertThat(chunks).isEqualTo(fed.size());
            ended.complete(Optional.ofNullable(failure));
        }

        @Override
        public void died(String loop, Throwable fault) {
            ended.completeExceptionally(fault);
        }
    }
}
