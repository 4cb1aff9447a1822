package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.pool.AsyncResult;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.task.Square;
import dev.workerfarm.task.UpdateValue;
import dev.workerfarm.testkit.TestFarm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;

/** A pool that maps without an end, and counts by shared values, until it is told to end. Then every count must be exact. */
final class ClusterLoad {
    private static final Duration RECOVERY = Duration.ofSeconds(60);
    private static final int COUNTING_THREADS = 3;
    private static final int ITEMS = 200;

    private final TestFarm farm;
    private final Pool pool;
    private final String value;
    private final AsyncResult<List<Number>> squares;
    private final List<CompletableFuture<Long>> counting = new ArrayList<>();
    private final AtomicLong counted = new AtomicLong();
    private volatile boolean ends;

    /** Starts it. The shared value is not there yet. */
    ClusterLoad(TestFarm farm, Pool pool, String value) {
        this.farm = farm;
        this.pool = pool;
        this.value = value;
        Iterable<Long> untilTheEnd = () -> LongStream.iterate(0, n -> !ends, n -> n + 1)
                .peek(n -> LockSupport.parkNanos(n % 100 == 0 ? 5_000_000 : 0)) // 20 000 a second at the most
                .iterator();
        this.squares = pool.mapAsync(Square.TYPE, untilTheEnd);
        for (int i = 0; i < COUNTING_THREADS; i++) {
            counting.add(CompletableFuture.supplyAsync(this::count, task -> new Thread(task, "count").start()));
        }
    }

    private long count() {
        var maps = 0L;
        for (; !ends; maps++) {
            pool.map(UpdateValue.TYPE, Collections.nCopies(ITEMS, new UpdateValue(value, 1)));
            counted.addAndGet(ITEMS);
        }
        return maps;
    }

    /** Waits until each map has begun and ended once more, prints how long that took after what happened, and returns it. */
    Duration awaitProgress(String after) {
        var since = System.nanoTime();
        var before = counted.get();
        await(after).atMost(RECOVERY).until(() -> counted.get() > before + COUNTING_THREADS * ITEMS);
        var took = Duration.ofNanos(System.nanoTime() - since);
        System.out.println(after + ": answers after " + took.toMillis() + " ms");
        return took;
    }

    /** Ends it, and sees that every item was answered rightly and counted once. */
    void assertExact() {
        ends = true;
        var maps = 0L;
        for (var each : counting) {
            maps += each.orTimeout(RECOVERY.toSeconds(), TimeUnit.SECONDS).join();
        }
        var all = squares.get(RECOVERY);
        for (int n = 0; n < all.size(); n++) {
            assertThat(all.get(n)).isEqualTo((long) n * n);
        }
        try (var shared = farm.shared()) {
            assertThat(shared.value(value).getLong()).isEqualTo(maps * ITEMS);
        }
        System.out.println("exact: squares=" + all.size() + " maps=" + maps + " updates=" + maps * ITEMS);
    }
}
