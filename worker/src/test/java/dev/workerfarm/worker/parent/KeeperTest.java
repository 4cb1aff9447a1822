package dev.workerfarm.worker.parent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.worker.config.Lane;
import dev.workerfarm.worker.config.WorkerSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What follows a fault in the parent's loops: with real child processes, which have no lane. */
@Timeout(60)
@Tag("proof") // it starts sixteen processes
@ResourceLock(value = Resources.SYSTEM_PROPERTIES, mode = ResourceAccessMode.READ)
@Execution(ExecutionMode.CONCURRENT) // each waits for processes of its own
class KeeperTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    private final AtomicInteger starts = new AtomicInteger();
    private final BlockingQueue<IllegalStateException> failures = new LinkedBlockingQueue<>();
    private @Nullable WorkerParent startedParent;

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        if (startedParent != null) {
            startedParent.close();
        }
    }

    @Test
    void aDeadChildIsReplaced() throws InterruptedException {
        start(1, this::child);
        awaitReplacementOf(kill(0));
        assertThat(starts).hasValue(2);
    }

    @ParameterizedTest
    @ValueSource(classes = {IOException.class, IllegalStateException.class})
    void aStartThatFailsIsTriedAgain(Class<? extends Exception> fault) throws InterruptedException {
        start(1, (lane, name, control) -> {
            if (starts.get() < 2) {
                starts.incrementAndGet();
                throwUnchecked(newFault(fault));
            }
            return child(lane, name, control);
        });
        assertThat(parent().awaitReady(SOON)).isTrue();
        assertThat(starts).hasValue(3);
        assertThat(failures).isEmpty();
    }

    @Test
    void aKeeperThatCannotStartItsChildStopsAtOnceWhenItIsToldTo() throws InterruptedException {
        var tried = new CountDownLatch(3);
        start(1, (lane, name, control) -> {
            tried.countDown();
            throw new IOException("on purpose");
        });
        tried.await();

        parent().stop();

        assertThat(parent().keepers.get(0).loop.join(Duration.ofSeconds(3))).isTrue();
    }

    @Test
    void anErrorEndsTheParentWithAllItsChildrenAndByName() throws InterruptedException {
        start(2, (lane, name, control) -> {
            if (starts.get() == 2) {
                throw new NoClassDefFoundError("on purpose");
            }
            return child(lane, name, control);
        });
        assertThat(parent().awaitReady(SOON)).isTrue();
        var children = parent().pids();

        kill(0);

        assertThat(failures.poll(SOON.toSeconds(), TimeUnit.SECONDS))
                .hasMessageContaining("workerfarm-keeper-cpu-1")
                .hasMessageContaining("NoClassDefFoundError: on purpose");
        assertThatThrownBy(() -> parent().awaitReady(SOON))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("workerfarm-keeper-cpu-1");
        for (var keeper : parent().keepers) {
            assertThat(keeper.loop.join(SOON)).isTrue();
        }
        assertThat(children).allMatch(pid -> ProcessHandle.of(pid).isEmpty());
        assertThat(failures).isEmpty();
    }

    @Test
    void aStrayInterruptNeitherLosesNorDoublesAChild() throws InterruptedException {
        start(1, this::child);
        assertThat(parent().awaitReady(SOON)).isTrue();
        var pid = parent().pids().get(0);
        for (int i = 0; i < 100; i++) {
            parent().keepers.get(0).loop.interrupt();
        }
        assertThat(parent().pids()).containsExactly(pid);
        assertThat(ProcessHandle.of(pid)).isPresent();

        awaitReplacementOf(kill(0));

        assertThat(starts).hasValue(2);
    }

    @Test
    void aFaultWhileALineOfTheLinkIsReadReplacesTheChild() throws InterruptedException {
        var faulty = new AtomicBoolean(true);
        start(
                1,
                (lane, name, control) -> child(lane, name, line -> {
                    if (faulty.getAndSet(false)) {
                        throw new IllegalStateException("on purpose");
                    }
                    control.accept(line);
                }));
        assertThat(parent().awaitReady(SOON)).isTrue();
        assertThat(starts).hasValue(2);
        assertThat(failures).isEmpty();
    }

    @Test
    void aSubprocessThatOutlivesTheChildDoesNotDelayItsReplacement() throws Exception {
        start(1, (lane, name, control) -> child(lane, name, control, "-Dstub.leftover=true"));
        assertThat(parent().awaitReady(SOON)).isTrue();
        var dead = ProcessHandle.of(parent().pids().get(0)).orElseThrow();
        var leftover = dead.children().findFirst().orElseThrow();
        try {
            var since = System.nanoTime();
            kill(0);
            while (starts.get() < 2) {
                Thread.onSpinWait();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - since)).isLessThan(Duration.ofSeconds(2));
            assertThat(leftover.isAlive()).isTrue();
            awaitReplacementOf(dead.pid());
        } finally {
            leftover.destroyForcibly();
            for (var pid : parent().pids()) {
                ProcessHandle.of(pid).ifPresent(child -> child.children().forEach(ProcessHandle::destroyForcibly));
            }
        }
    }

    private WorkerParent parent() {
        return Objects.requireNonNull(startedParent);
    }

    private void start(int processes, Keeper.Starter starter) throws InterruptedException {
        var config = WorkerSettings.from(Map.of(
                "FARM_PROCESSES",
                String.valueOf(processes),
                "FARM_DOWNLOADERS",
                "0",
                "FARM_DOWNLOAD_DIR",
                folder.toString(),
                "FARM_DRAIN",
                "5s"));
        startedParent = new WorkerParent(config, null, starter, failures::add);
    }

    private ChildProcess child(Lane lane, String name, Consumer<String> control) throws IOException {
        return child(lane, name, control, "-Xmx32m");
    }

    private ChildProcess child(Lane lane, String name, Consumer<String> control, String option) throws IOException {
        var command = ChildCommand.ofThisJvm(List.of(), StubChild.class.getName(), List.of());
        var child = new ChildProcess(command, lane, name, List.of(option), Map.of(), line -> {}, control);
        starts.incrementAndGet();
        return child;
    }

    /** Kills a child that consumes. */
    private long kill(int keeper) throws InterruptedException {
        assertThat(parent().awaitReady(SOON)).isTrue();
        var pid = parent().keepers.get(keeper).pid();
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
        return pid;
    }

    private void awaitReplacementOf(long dead) throws InterruptedException {
        var deadline = System.nanoTime() + SOON.toNanos();
        for (var pids = parent().consumingPids();
                pids.isEmpty() || pids.contains(dead);
                pids = parent().consumingPids()) {
            assertThat(System.nanoTime()).as("no replacement: starts " + starts).isLessThan(deadline);
            Thread.sleep(5);
        }
    }

    private static Exception newFault(Class<? extends Exception> type) {
        try {
            return type.getConstructor(String.class).newInstance("on purpose");
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    private static void throwUnchecked(Exception e) throws IOException {
        if (e instanceof IOException failed) {
            throw failed;
        }
        throw (RuntimeException) e;
    }
}
