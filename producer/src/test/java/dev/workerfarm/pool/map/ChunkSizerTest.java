package dev.workerfarm.pool.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkSizerTest {
    private static final long MICROSECOND = 1_000;
    private static final long SECOND = 1_000_000_000;

    /** The sizes of a map's chunks, each measured before the next is cut. */
    private static List<Integer> sizes(ChunkSizer sizer, long total, long nanosPerItem) {
        List<Integer> sizes = new ArrayList<>();
        for (long left = total; left > 0; left -= sizes.get(sizes.size() - 1)) {
            var size = (int) Math.min(left, sizer.next(left));
            sizes.add(size);
            sizer.measured(size, size * nanosPerItem);
        }
        return sizes;
    }

    @Test
    void keepsToTheSizeThatTheCallerWants() {
        var sizer = new ChunkSizer(7, 3, new MeasuredTime());
        sizer.measured(7, SECOND);
        assertThat(sizer.next(-1)).isEqualTo(7);
        assertThat(sizer.next(1_000_000)).isEqualTo(7);
        assertThat(sizer.next(1)).isEqualTo(7);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 1_000_000})
    void startsANewTaskWithOneItemAndJumpsAfterOneAnswer(long remaining) {
        var sizer = new ChunkSizer(0, 1, new MeasuredTime());
        assertThat(sizer.next(remaining)).isEqualTo(1);
        sizer.measured(1, MICROSECOND);
        assertThat(sizer.next(remaining)).isEqualTo(remaining < 0 ? 50_000 : 100_000);
    }

    @Test
    void aSecondMapOfTheTaskStartsWithTheMeasuredSize() {
        var time = new MeasuredTime();
        new ChunkSizer(0, 1, time).measured(1, 1_000 * MICROSECOND);

        assertThat(new ChunkSizer(0, 1, time).next(-1)).isEqualTo(50);
    }

    @Test
    void aSlowFirstCallIsForgottenAsSoonAsALargerChunkIsMeasured() {
        var sizer = new ChunkSizer(0, 1, new MeasuredTime());
        sizer.measured(1, 5_000 * MICROSECOND);
        assertThat(sizer.next(-1)).isEqualTo(10);
        sizer.measured(20, 20 * MICROSECOND);
        assertThat(sizer.next(-1)).isEqualTo(50_000);
    }

    @Test
    void growsNoFurtherThanAChunkOfATenthOfASecond() {
        var sizer = new ChunkSizer(0, 1, new MeasuredTime());
        for (int i = 0; i < 10; i++) {
            var size = sizer.next(-1);
            sizer.measured(size, size * 1_000L * MICROSECOND);
        }
        assertThat(sizer.next(-1)).isEqualTo(50);
        assertThat(sizer.next(1_000_000)).isEqualTo(100);
    }

    @Test
    void sendsLongItemsOneByOne() {
        var sizer = new ChunkSizer(0, 4, new MeasuredTime());
        sizer.measured(16, 16 * SECOND);
        assertThat(sizer.next(-1)).isEqualTo(1);
        assertThat(sizer.next(1_000_000)).isEqualTo(1);
    }

    @Test
    void takesALongerItemIntoAccountAtOnce() {
        var sizer = new ChunkSizer(0, 1, new MeasuredTime());
        for (int i = 0; i < 10; i++) {
            sizer.measured(1_000, 1_000 * MICROSECOND);
        }
        assertThat(sizer.next(-1)).isEqualTo(50_000);
        sizer.measured(10, 10 * SECOND);
        assertThat(sizer.next(-1)).isEqualTo(1);
    }

    @Test
    void leavesEveryWorkerSeveralChunksTowardsTheEnd() {
        var sizes = sizes(new ChunkSizer(0, 4, new MeasuredTime()), 100_000, 6_000 * MICROSECOND);
        assertThat(sizes.stream().mapToLong(Integer::longValue).sum()).isEqualTo(100_000);
        var largest = sizes.indexOf(sizes.stream().max(Integer::compare).orElseThrow());
        assertThat(sizes.subList(largest, sizes.size())).isSortedAccordingTo((a, b) -> b - a);
        assertThat(sizes.subList(sizes.size() - 16, sizes.size())).containsOnly(1);
    }

    @Test
    void makesNoChunkOfLessWorkThanItsMessageIs() {
        var sizes = sizes(new ChunkSizer(0, 2, new MeasuredTime()), 100_000, MICROSECOND / 10);

        assertThat(sizes).containsExactly(1, 40_000, 40_000, 19_999);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 15, 16})
    void sendsAFewItemsOneByOne(long remaining) {
        assertThat(new ChunkSizer(0, 4, new MeasuredTime()).next(remaining)).isEqualTo(1);
    }

    @Test
    void staysWithinBoundsWhateverIsMeasured() {
        var seed = Long.getLong("test.seed", System.nanoTime());
        var random = new Random(seed);
        for (int i = 0; i < 1_000; i++) {
            var sizer = new ChunkSizer(0, random.nextInt(100) - 1, new MeasuredTime());
            var most = (int) Duration.ofMillis(100).toNanos(); // 1 ns each
            for (int n = 0; n < 20; n++) {
                sizer.measured(1 + random.nextInt(10_000), random.nextLong() >> random.nextInt(64));
                var remaining = random.nextLong() >>> (1 + random.nextInt(62));
                assertThat(sizer.next(remaining)).as("-Dtest.seed=%d", seed).isBetween(1, most);
                assertThat(sizer.next(-1)).as("-Dtest.seed=%d", seed).isBetween(1, most);
            }
        }
    }
}
