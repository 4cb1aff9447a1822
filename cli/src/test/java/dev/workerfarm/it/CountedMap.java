package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.pool.AsyncResult;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.testkit.Flaky;
import dev.workerfarm.testkit.FlakyAdd;
import dev.workerfarm.testkit.TestFarm;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;

/** A map into which trouble comes, whose items each add 1 to a shared value and would be tried again if they failed. */
final class CountedMap {
    private static final int ITEMS = 500;
    private static final Duration RECOVERY = Duration.ofSeconds(60);

    private final TestFarm farm;
    private final Path log;
    private final String value;
    private final HeldBack<FlakyAdd.Arguments> items;
    private final AsyncResult<List<Object>> result;

    /**
     * Starts it.
     *
     * @param log the file in which each run will be a line
     * @param value the shared value, which is not there yet
     */
    CountedMap(TestFarm farm, Pool pool, Path log, String value) {
        this.farm = farm;
        this.log = log;
        this.value = value;
        this.items = new HeldBack<>(ITEMS, n -> new FlakyAdd.Arguments(log.toString(), 0, value, 1));
        this.result = pool.mapAsync(FlakyAdd.TYPE, items);
    }

    /** Some items have counted, and more are on their way to the workers. */
    void awaitUnderWay() {
        await("items that count").atMost(RECOVERY).until(() -> counted() > 0);
    }

    /** The trouble is over: lets the last items come, and sees that all were answered and counted once, as first attempts. */
    void assertRightAfterwards() throws IOException {
        items.goOn();
        assertThat(result.get(RECOVERY)).as("attempts answered").isEqualTo(Collections.nCopies(ITEMS, 0L));
        assertThat(counted()).as("counted").isEqualTo(ITEMS);
        assertThat(Flaky.runs(log))
                .extracting(Flaky.Run::attempt)
                .as("attempts run")
                .containsOnly(0);
    }

    /** By a client that has not seen the trouble. */
    private long counted() {
        try (var shared = farm.shared()) {
            return shared.value(value).getLong();
        }
    }
}
