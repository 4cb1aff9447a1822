package dev.workerfarm.worker.parent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.worker.config.WorkerSettings;
import dev.workerfarm.worker.link.ParentLink;
import dev.workerfarm.worker.process.ExitCode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A parent that can keep no child alive: its heart beats fast here, so that a minute is over soon. */
@Timeout(60)
class IdleParentTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration BEAT = Duration.ofMillis(10);

    private final BlockingQueue<IllegalStateException> failures = new LinkedBlockingQueue<>();
    private final AtomicInteger starts = new AtomicInteger();
    private @Nullable WorkerParent started;

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        if (started != null) {
            started.close();
        }
    }

    private WorkerParent start(Keeper.Starter starter) {
        var config = WorkerSettings.from(
                Map.of("FARM_PROCESSES", "2", "FARM_DOWNLOADERS", "0", "FARM_DOWNLOAD_DIR", folder.toString()));
        started = new WorkerParent(config, null, starter, failures::add, BEAT);
        return started;
    }

    private void assertFailure(String... words) throws InterruptedException {
        var failure = failures.poll(SOON.toSeconds(), TimeUnit.SECONDS);
        assertThat(failure).hasMessageContainingAll(words);
        assertThatThrownBy(() -> Objects.requireNonNull(started).awaitReady(SOON))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll(words);
        for (var keeper : Objects.requireNonNull(started).keepers) {
            assertThat(keeper.loop.join(SOON)).isTrue();
        }
    }

    @Test
    void whereNoProcessCanBeStartedForAMinuteItEndsAndSaysWhy() throws InterruptedException {
        start((lane, name, control) -> {
            throw new IOException("error=11, Resource temporarily unavailable");
        });

        assertFailure("no process could be kept alive", "cpu-1 (cannot start it: error=11", "cpu-2");
    }

    @Test
    void whereEachProcessEndsAtOnceForAMinuteItEndsAndSaysHow() throws InterruptedException {
        start((lane, name, control) -> new FakeChild(1));

        assertFailure("no process could be kept alive", "cpu-1 (exit=1)");
    }

    @Test
    void aBrokerThatIsAwayEndsItNeverOnceAProcessHasConsumed() throws InterruptedException {
        var tries = new CountDownLatch(8); // which take longer than a minute of these beats
        var since = System.nanoTime();
        start((lane, name, control) -> {
            if (starts.getAndIncrement() == 0) {
                control.accept(ParentLink.READY);
            }
            tries.countDown();
            return new FakeChild(ExitCode.BROKER_UNREACHABLE);
        });

        tries.await();

        assertThat(System.nanoTime() - since)
                .isGreaterThan(BEAT.multipliedBy(60).toNanos());
        assertThat(failures).isEmpty();
    }
}
