package dev.workerfarm.worker.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.worker.link.DeathReport.Running;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunningFileTest {
    private static final TaskRun RUN = new TaskRun("id-1", 2, 3);

    @TempDir
    private Path folder;

    private Path file;
    private SeekableByteChannel reader;
    private RunningFile writer;

    @BeforeEach
    void open() throws IOException {
        file = Files.createFile(folder.resolve("running"));
        reader = Files.newByteChannel(file);
        writer = RunningFile.open(file, "cpu-1@here.7.x", 3);
    }

    @AfterEach
    void close() throws IOException {
        reader.close();
    }

    /** As the parent sees it, by another way than the mapping. */
    private byte[] bytes() throws IOException {
        var bytes = ByteBuffer.allocate((int) reader.size());
        reader.position(0);
        reader.read(bytes);
        return bytes.array();
    }

    private RunningReader.@Nullable Dead read() throws IOException {
        return RunningReader.read(ByteBuffer.wrap(bytes()));
    }

    private List<Running> running() throws IOException {
        return Objects.requireNonNull(read()).running();
    }

    @Test
    void itsFileHasNoNameAnyMore() {
        assertThat(file).doesNotExist();
    }

    @Test
    void saysWhatEachThreadRuns() throws IOException {
        writer.slot(0).begin(RUN, "square", "farm.tasks");
        writer.slot(2).begin(new TaskRun("id-2", 0, 0), "workerfarm.map", "queue");
        writer.slot(2).at(4_999);

        assertThat(read())
                .isEqualTo(new RunningReader.Dead(
                        "cpu-1@here.7.x",
                        List.of(
                                new Running(RUN, "square", "farm.tasks", Running.AROUND),
                                new Running(new TaskRun("id-2", 0, 0), "workerfarm.map", "queue", 4_999))));
    }

    @Test
    void whatHasEndedDoesNotRunAndTheNextBeginsAroundItsCalls() throws IOException {
        var slot = writer.slot(1);
        slot.begin(RUN, "square", "farm.tasks");
        slot.at(7);
        slot.end();
        assertThat(running()).isEmpty();

        slot.begin(RUN, "t", "q");
        assertThat(running()).containsExactly(new Running(RUN, "t", "q", Running.AROUND));
    }

    @Test
    void keepsTextsOfAnySizeAndSignsWithinTheirPlace() throws IOException {
        writer.slot(0).begin(new TaskRun("\u00e9".repeat(127), 0, 0), "x".repeat(1_000), "\t\n\0");
        writer.slot(1).begin(RUN, "", "");

        assertThat(running())
                .containsExactly(
                        new Running(new TaskRun("\u00e9".repeat(127), 0, 0), "x".repeat(255), "\t\n\0", Running.AROUND),
                        new Running(RUN, "", "", Running.AROUND));
    }

    @Test
    void aProcessThatStopsOnPurposeLeavesNothing() throws IOException {
        writer.slot(0).begin(RUN, "square", "farm.tasks");
        writer.stop();
        writer.stop();

        assertThat(read()).isNull();
    }

    @Test
    void aKillBeforeTheFirstWriteLeavesNothing() {
        assertThat(RunningReader.read(ByteBuffer.allocate(0))).isNull();
        assertThat(RunningReader.read(ByteBuffer.allocate(4_096))).isNull();
    }

    /** Whatever bytes are there, as long as the state says that nothing runs: the writer was killed between two stores. */
    @Test
    void aSlotThatWasBeingWrittenDoesNotCountAndSparesItsNeighbours() throws IOException {
        writer.slot(0).begin(RUN, "square", "farm.tasks");
        writer.slot(1).begin(RUN, "sleep", "farm.tasks");
        writer.slot(2).begin(RUN, "echo", "farm.tasks");
        writer.slot(1).end();
        var bytes = bytes();
        var random = new Random(7);
        for (int stores = 0; stores < 1_000; stores++) {
            bytes[2 * 1_024 + Integer.BYTES + random.nextInt(1_024 - Integer.BYTES)] = (byte) random.nextInt();
            assertThat(Objects.requireNonNull(RunningReader.read(ByteBuffer.wrap(bytes)))
                            .running())
                    .extracting(Running::task)
                    .containsExactly("square", "echo");
        }
    }

    @Test
    void anyBytesCanBeRead() throws IOException {
        writer.slot(0).begin(RUN, "square", "farm.tasks");
        var whole = bytes();
        var random = new Random(7);
        for (int tries = 0; tries < 10_000; tries++) {
            var bytes = whole.clone();
            for (int i = 0; i < 8; i++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            RunningReader.read(ByteBuffer.wrap(bytes));
            RunningReader.read(
                    ByteBuffer.wrap(whole, 0, random.nextInt(whole.length)).slice());
        }
        assertThat(running()).hasSize(1);
    }

    /** A page that the disk has no room for would end the process where it is touched first. */
    @Test
    void theDiskHasItsRoomBeforeItIsMapped() throws Exception {
        var empty = Files.createFile(folder.resolve("empty"));
        var other = Files.createLink(folder.resolve("other"), empty);
        RunningFile.open(empty, "cpu-1@here.7.x", 63);

        assertThat(Files.size(other)).isEqualTo(64 * 1024);
        var du = new ProcessBuilder("du", "-k", other.toString()).start();
        var size = new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(Integer.parseInt(size.substring(0, size.indexOf('\t')))).isGreaterThanOrEqualTo(64);
    }

    @Test
    void whereTheFileCannotBeWrittenTheProcessGoesOnWithoutIt() {
        var full = Path.of("/dev/full"); // each write fails, as on a disk without room
        var running = RunningFile.open(full, "cpu-1@here.7.x", 3);
        running.slot(2).begin(RUN, "square", "farm.tasks");
        running.stop();

        assertThat(full).exists();
    }
}
