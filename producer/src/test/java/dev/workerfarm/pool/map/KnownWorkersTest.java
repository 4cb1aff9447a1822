package dev.workerfarm.pool.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class KnownWorkersTest {
    private final List<Runnable> later = new ArrayList<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final KnownWorkers workers = new KnownWorkers(queue -> asked.incrementAndGet(), later::add);

    @Test
    void asksOnceAndForEachQueue() {
        assertThat(List.of(workers.of("a"), workers.of("a"), workers.of("b"))).containsExactly(1, 1, 2);
        assertThat(later).isEmpty();
    }

    @Test
    void asksAgainAfterAMomentAndDoesNotWaitForTheAnswer() {
        workers.of("a");
        await().atMost(Duration.ofSeconds(5)).until(() -> workers.of("a") == 1 && !later.isEmpty());
        assertThat(workers.of("a")).isEqualTo(1);
        assertThat(later).hasSize(1);

        later.get(0).run();
        assertThat(workers.of("a")).isEqualTo(2);
    }
}
