package dev.workerfarm.worker.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.worker.link.RunningFile;
import dev.workerfarm.worker.link.RunningReader;
import dev.workerfarm.worker.process.ExitCode;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessEndTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    private Path folder;

    private final List<Integer> exits = new CopyOnWriteArrayList<>();
    private final List<Integer> halts = new CopyOnWriteArrayList<>();
    private SeekableByteChannel file;
    private RunningFile running;

    @BeforeEach
    void run() throws Exception {
        var path = Files.createFile(folder.resolve("running"));
        file = Files.newByteChannel(path);
        running = RunningFile.open(path, "me", 1);
        running.slot(0).begin(new TaskRun("a", 0, 0), "square", "queue");
    }

    @AfterEach
    void close() throws Exception {
        file.close();
    }

    private ProcessEnd end(Duration longestStop) {
        return new ProcessEnd(running, exits::add, longestStop, halts::add);
    }

    /** What the parent of this process would charge, or null: nothing. */
    private RunningReader.@Nullable Dead charged() throws Exception {
        var bytes = ByteBuffer.allocate((int) file.size());
        file.position(0);
        file.read(bytes);
        return RunningReader.read(bytes);
    }

    @Test
    void theFirstDeadLoopEndsTheProcessAndNobodyIsCharged() throws Exception {
        var end = end(Duration.ofHours(1));
        assertThat(charged()).isNotNull();

        end.accept(new IllegalStateException("first"));
        end.accept(new StackOverflowError("second"));

        assertThat(exits).containsExactly(ExitCode.LOOP_DIED);
        assertThat(halts).isEmpty();
        assertThat(charged()).isNull();
    }

    @Test
    void aStopThatHangsIsHalted() {
        end(Duration.ofMillis(1)).accept(new IllegalStateException("on purpose"));

        await().atMost(SOON).untilAsserted(() -> assertThat(halts).containsExactly(ExitCode.LOOP_DIED));
        assertThat(exits).containsExactly(ExitCode.LOOP_DIED);
    }

    @Test
    void outOfMemoryHaltsAtOnceAndIsCharged() throws Exception {
        end(Duration.ofHours(1)).accept(new OutOfMemoryError("on purpose"));

        assertThat(halts).containsExactly(ExitCode.OUT_OF_MEMORY);
        assertThat(exits).isEmpty();
        assertThat(charged()).isNotNull();
    }

    @Test
    void aHardLimitEndsTheProcessAndNobodyIsCharged() throws Exception {
        end(Duration.ofHours(1)).with(ExitCode.HARD_LIMIT);

        assertThat(exits).containsExactly(ExitCode.HARD_LIMIT);
        assertThat(charged()).isNull();
    }
}
