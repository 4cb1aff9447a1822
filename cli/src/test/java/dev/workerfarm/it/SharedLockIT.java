package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.error.CallInterruptedException;
import dev.workerfarm.error.LockTimeoutException;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.shared.SharedLock;
import dev.workerfarm.testkit.JavaProcess;
import dev.workerfarm.testkit.Services;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.RedisClient;

@Timeout(60)
class SharedLockIT {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(100);

    private String namespace;
    private RedisSharedState state;
    private RedisSharedState other;
    private SharedLock lock;
    private SharedLock same;

    @BeforeEach
    void open(TestInfo test) {
        namespace = "SharedLockIT." + test.getTestMethod().orElseThrow().getName();
        state = open(namespace);
        other = open(namespace);
        lock = state.lock("l");
        same = other.lock("l");
    }

    @AfterEach
    void close() {
        state.close();
        other.close();
        try (var redis = RedisClient.create(Services.shared().redisUrl())) {
            redis.del("{" + namespace + "}:lock:l", "{" + namespace + "}:lock:m", "{" + namespace + "}:lock-tokens");
        }
    }

    @Test
    void letsOneInAtATimeAmongThreadsOnTwoConnections() throws Exception {
        var tokens = new ArrayList<Long>(); // guarded by the lock alone
        var threads = Executors.newFixedThreadPool(6);
        try {
            var ends = new ArrayList<Future<?>>();
            for (int t = 0; t < 6; t++) {
                var mine = t % 2 == 0 ? lock : same;
                ends.add(threads.submit(() -> {
                    for (int i = 0; i < 25; i++) {
                        try (var held = mine.acquire(LONG, LONG)) {
                            int before = tokens.size();
                            tokens.add(held.token());
                            assertThat(tokens).hasSize(before + 1);
                        }
                    }
                }));
            }
            for (var end : ends) {
                end.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(tokens).hasSize(150).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void isFreeOnceClosed() {
        var first = lock.acquire(LONG, Duration.ZERO);
        assertThat(first.isHeld()).isTrue();
        assertThat(same.tryAcquire(LONG)).isEmpty();
        first.close();
        assertThat(first.isHeld()).isFalse();
        var second = same.tryAcquire(LONG).orElseThrow();
        first.close();
        assertThat(second.isHeld()).isTrue();
        assertThat(second.token()).isGreaterThan(first.token());
    }

    @Test
    void saysWhoseLockWasNotFreeInTime() {
        try (var held = lock.acquire(LONG, Duration.ZERO)) {
            assertThatThrownBy(() -> same.acquire(LONG, Duration.ofMillis(50)))
                    .isInstanceOf(LockTimeoutException.class)
                    .hasMessage("lock 'l' is held by someone else; waited 50 ms");
            assertThatThrownBy(() -> lock.acquire(LONG, Duration.ZERO))
                    .as("it is not reentrant")
                    .isInstanceOf(LockTimeoutException.class);
            assertThat(held.isHeld()).isTrue();
        }
    }

    @Test
    void letsTheNextInWithAGreaterTokenWhenALeaseEnds() {
        var late = lock.acquire(SHORT, Duration.ZERO);
        try (var next = same.acquire(LONG, LONG)) {
            assertThat(next.token()).isGreaterThan(late.token());
            assertThat(late.isHeld()).isFalse();
            assertThat(late.extend(LONG)).isFalse();
            late.close(); // too late: it must leave the other's alone
            assertThat(next.isHeld()).isTrue();
            assertThat(lock.tryAcquire(LONG)).isEmpty();
        }
    }

    @Test
    void movesTheEndOfALease() {
        try (var held = lock.acquire(Duration.ofSeconds(1), Duration.ZERO);
                var redis = RedisClient.create(Services.shared().redisUrl())) {
            assertThat(held.extend(Duration.ofMinutes(5))).isTrue();
            assertThat(redis.pttl("{" + namespace + "}:lock:l")).isBetween(200_000L, 300_000L);
            assertThat(held.extend(Duration.ofMillis(1))).isTrue();
            try (var next = same.acquire(LONG, LONG)) {
                assertThat(held.isHeld()).isFalse();
                assertThat(next.isHeld()).isTrue();
            }
        }
    }

    @Test
    void locksByName() {
        try (var l = lock.acquire(LONG, Duration.ZERO);
                var m = state.lock("m").acquire(LONG, Duration.ZERO)) {
            assertThat(m.token()).isGreaterThan(l.token());
        }
        try (var l = lock.acquire(LONG, Duration.ZERO)) {
            assertThat(l.token()).isEqualTo(3);
        }
    }

    @Test
    void isFreeAfterTheLeaseOfAHolderThatWasKilled() throws Exception {
        try (var holder =
                JavaProcess.start(Map.of("FARM_REDIS_URL", Services.shared().redisUrl()), Holder.class, namespace)) {
            await().atMost(LONG).until(() -> !holder.outputLines().isEmpty());
            assertThat(same.tryAcquire(LONG)).isEmpty();
            holder.kill();
            holder.awaitExit(LONG);
            try (var held = lock.acquire(LONG, LONG)) {
                assertThat(held.token())
                        .isGreaterThan(Long.parseLong(holder.outputLines().get(0)));
            }
        }
    }

    /** Holds the lock until it is killed. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] args) throws InterruptedException {
            try (var state = RedisSharedState.open(RedisAddress.parse(System.getenv("FARM_REDIS_URL")), args[0]);
                    var held = state.lock("l").acquire(Duration.ofSeconds(3), Duration.ZERO)) {
                System.out.println(held.token());
                System.out.flush();
                new CountDownLatch(1).await();
            }
        }
    }

    @Test
    void stopsWaitingWhenInterrupted() throws Exception {
        try (var held = lock.acquire(LONG, Duration.ZERO)) {
            var thrown = new AtomicReference<Throwable>();
            var waiting = new Thread(() -> {
                try {
                    same.acquire(LONG, LONG);
                } catch (CallInterruptedException e) {
                    thrown.set(Thread.currentThread().isInterrupted() ? e : new AssertionError("flag lost", e));
                }
            });
            waiting.start();
            await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
            waiting.interrupt();
            waiting.join();
            assertThat(thrown.get())
                    .isInstanceOf(CallInterruptedException.class)
                    .hasMessage("interrupted while waiting for lock 'l'");
            assertThat(held.isHeld()).isTrue();
        }
    }

    @Test
    void refusesALeaseOrAWaitOutOfBounds() {
        var day = Duration.ofDays(1);
        for (var lease : List.of(Duration.ZERO, Duration.ofNanos(999_999), Duration.ofMillis(-1), day.plusNanos(1))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> lock.tryAcquire(lease))
                    .withMessageContaining("1 ms to 1 day");
        }
        for (var wait : List.of(Duration.ofNanos(-1), day.plusNanos(1), Duration.ofSeconds(Long.MAX_VALUE))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> lock.acquire(LONG, wait))
                    .withMessageContaining("0 to 1 day");
        }
        try (var held = lock.acquire(day, day)) {
            assertThatIllegalArgumentException().isThrownBy(() -> held.extend(Duration.ZERO));
            assertThat(held.isHeld()).isTrue();
        }
    }

    private static RedisSharedState open(String namespace) {
        return RedisSharedState.open(RedisAddress.parse(Services.shared().redisUrl()), namespace);
    }
}
