package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.pool.AsyncResult;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.testkit.PrivateFarm;
import dev.workerfarm.testkit.Proof;
import dev.workerfarm.testkit.SlowCount;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Messages of a map are cut while the workers that run them are killed. On a RabbitMQ and a Redis of its own. */
@Timeout(180)
@Proof
class CutUnderKillsIT {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final int FAST = 500;
    private static final int SLOW = 400;

    @RegisterExtension
    private static final PrivateFarm PRIVATE = PrivateFarm.withWorkers(3, 0);

    private Pool pool;
    private RedisSharedState shared;

    @BeforeEach
    void connect() {
        pool = PRIVATE.farm().connect();
        shared = PRIVATE.farm().shared();
    }

    @AfterEach
    void close() {
        pool.terminate();
        shared.close();
    }

    private AsyncResult<List<Long>> count(String name, int fast, int slow) {
        shared.array(name).fill(fast + slow, 0);
        List<SlowCount.Arguments> items = new ArrayList<>();
        IntStream.range(0, fast + slow)
                .forEach(number -> items.add(new SlowCount.Arguments(name, number, number < fast ? 0 : 50)));
        Iterable<SlowCount.Arguments> ofUnknownLength = items.stream()::iterator;
        return pool.mapAsync(SlowCount.TYPE, ofUnknownLength);
    }

    /** The messages that were cut so far. */
    private int cuts() {
        Set<String> keys = shared.connection().call("cuts", redis -> redis.keys("*:cut:*"));
        return keys.size();
    }

    @Test
    void noItemIsLostAndNoneCountsTwice() throws Exception {
        count("warm", FAST, 0).get(SOON); // from now on messages have thousands of items
        var result = count("cut", FAST, SLOW);
        var random = new Random(3);
        var kills = 0;
        for (var seen = 0; kills < 5 && !result.ready(); seen = cuts(), kills++) {
            var before = seen;
            await("another cut").atMost(SOON).until(() -> cuts() > before || result.ready());
            var pids = PRIVATE.workers().pids();
            ProcessHandle.of(pids.get(random.nextInt(pids.size()))).ifPresent(ProcessHandle::destroyForcibly);
        }

        assertThat(result.get(SOON))
                .isEqualTo(LongStream.range(0, FAST + SLOW).boxed().toList());
        assertThat(shared.array("cut").toList()).isEqualTo(Collections.nCopies(FAST + SLOW, 1L));
        assertThat(cuts()).isPositive();
        assertThat(kills).isGreaterThan(1);
        assertThat(PRIVATE.farm().waiting(PRIVATE.farm().dead()))
                .as("dead letters")
                .isZero();
    }
}
