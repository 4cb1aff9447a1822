package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.cli.WorkerCommand;
import dev.workerfarm.pool.AsyncResult;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.testkit.JavaProcess;
import dev.workerfarm.testkit.Noted;
import dev.workerfarm.testkit.Proof;
import dev.workerfarm.testkit.TestFarm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Workers replaced one after the other under load: {@code farm worker} in JVMs of their own, and SIGTERM. */
@Proof
@Timeout(120)
class RollingRestartIT {
    private static final Duration SOON = Duration.ofSeconds(40);
    private static final int FIRST_SINGLE = 100_000_000;
    private static final int SINGLES = 500;

    @TempDir
    private Path folder;

    private TestFarm farm;
    private Pool pool;
    private final Deque<JavaProcess> workers = new ArrayDeque<>();

    @BeforeEach
    void start() {
        farm = TestFarm.onSharedServices(RollingRestartIT.class);
        pool = farm.connect();
        for (int i = 0; i < 3; i++) {
            workers.add(startWorker());
        }
        awaitConsumers(3);
    }

    @AfterEach
    void stop() {
        pool.terminate();
        workers.forEach(JavaProcess::close);
        farm.close();
    }

    @Test
    void nothingIsLostAndNothingThatFinishedRunsAgainWhenWorkersAreReplacedUnderLoad() throws Exception {
        var log = folder.resolve("finished");
        var rolled = new AtomicBoolean();
        Iterable<Noted.Arguments> untilRolled = () -> LongStream.iterate(0, n -> !rolled.get(), n -> n + 1)
                .mapToObj(n -> new Noted.Arguments(log.toString(), n, 1))
                .iterator();
        var map = pool.mapAsync(Noted.TYPE, untilRolled);
        List<AsyncResult<Long>> singles = new ArrayList<>();

        for (int i = 0; i < 3; i++) {
            workers.add(startWorker());
            awaitConsumers(4);
            for (int n = 0; n < SINGLES; n++) {
                singles.add(pool.applyAsync(Noted.TYPE, log.toString(), FIRST_SINGLE + singles.size(), 2));
            }
            try (var old = workers.remove()) {
                old.terminate();
                assertThat(old.awaitExit(SOON)).as("exit code").isZero();
                assertThat(old.errorLines()).noneMatch(line -> line.contains("giving back what still runs"));
            }
        }
        rolled.set(true);

        var mapped = map.get(SOON);
        assertThat(mapped).isEqualTo(LongStream.range(0, mapped.size()).boxed().toList());
        for (int n = 0; n < singles.size(); n++) {
            assertThat(singles.get(n).get(SOON)).isEqualTo((long) FIRST_SINGLE + n);
        }
        assertThat(Noted.finished(log))
                .as("finished once each")
                .hasSize(mapped.size() + singles.size())
                .doesNotHaveDuplicates();
        assertThat(farm.waiting(farm.dead())).as("dead letters").isZero();
    }

    private JavaProcess startWorker() {
        return JavaProcess.start(farm.environment(), WorkerCommand.class, "--processes", "1", "--downloaders", "0");
    }

    private void awaitConsumers(int count) {
        await(count + " workers that consume")
                .atMost(SOON)
                .until(() -> pool.task("any").queue(farm.tasks()).workers() == count);
    }
}
