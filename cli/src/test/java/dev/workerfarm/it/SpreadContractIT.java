package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.pool.AsyncResult;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.task.BuiltIn.Sleep;
import dev.workerfarm.task.Square;
import dev.workerfarm.testkit.ContractFarm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** That no worker is idle while another has items that have not begun, on whatever broker this run has. */
@Timeout(90)
class SpreadContractIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @RegisterExtension
    private static final ContractFarm FARM = ContractFarm.withWorkers(2, 0);

    private Pool pool;

    @BeforeEach
    void connect() {
        pool = FARM.pool();
        pool.map(Square.TYPE, IntStream.range(0, 100).boxed().toList()); // both are there
    }

    /** How long a map over items takes, whose length the pool cannot know. */
    private Duration sleep(Pool of, List<Integer> millis) {
        var since = System.nanoTime();
        List<Object> results = new ArrayList<>();
        try (var sleeps = of.imap(Sleep.TYPE, millis.stream()::iterator)) {
            sleeps.forEach(results::add);
        }
        assertThat(results).hasSize(millis.size());
        return Duration.ofNanos(System.nanoTime() - since);
    }

    private static List<Integer> of(int count, int millis) {
        return Collections.nCopies(count, millis);
    }

    @Test
    void slowItemsOfATaskThatIsNewToItsPoolAreSpread() {
        try (var fresh = FARM.farm().connect()) {
            assertThat(sleep(fresh, of(8, 500))).isLessThan(Duration.ofMillis(3_400)); // 2 s, 4 s on one worker
        }
    }

    @Test
    void slowItemsBehindFastOnesInOneMessageAreSpread() {
        sleep(pool, of(1_000, 0)); // from now on messages have thousands of items

        var items = new ArrayList<>(of(1_000, 0));
        items.addAll(of(100, 100));
        assertThat(sleep(pool, items)).isLessThan(Duration.ofSeconds(8)); // 5 s, 10 s on one worker
    }

    @Test
    void twoSlowItemsThatAreNeighboursInOneMessageAreSpread() {
        sleep(pool, of(1_000, 0));

        var items = new ArrayList<>(of(2_000, 0));
        items.set(1_000, 3_000);
        items.set(1_001, 3_000);
        assertThat(sleep(pool, items)).isLessThan(Duration.ofSeconds(5)); // 3 s, 6 s on one worker
    }

    @Test
    void theCallersOwnChunkSizeStaysWhatItIs() {
        AsyncResult<List<Object>> chunk = pool.task(Sleep.TYPE).chunkSize(4).mapAsync(of(4, 300));

        assertThat(chunk.await(Duration.ofMillis(1_150))).isFalse(); // one after the other on one worker
        assertThat(chunk.get(SOON)).hasSize(4);
    }
}
