package dev.workerfarm.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StandardErrorTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    /** A pipe that somebody reads or not. */
    private static final class Pipe extends OutputStream {
        private final ByteArrayOutputStream read = new ByteArrayOutputStream();
        private final CountDownLatch writing = new CountDownLatch(1);
        private final CountDownLatch reader;
        private volatile boolean broken;

        Pipe(boolean isRead) {
            this.reader = new CountDownLatch(isRead ? 0 : 1);
        }

        @Override
        public void write(int b) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            writing.countDown();
            try {
                reader.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            if (broken) {
                throw new IOException("Broken pipe");
            }
            synchronized (read) {
                read.write(bytes, offset, length);
            }
        }

        List<String> lines() {
            synchronized (read) {
                return read.toString(StandardCharsets.UTF_8).lines().toList();
            }
        }
    }

    @Test
    void writesLinesInOrder() throws InterruptedException {
        var pipe = new Pipe(true);
        try (var error = StandardError.on(() -> pipe)) {
            add(error, "one");
            add(error, "two");
            assertThat(error.flush(SOON)).isTrue();
        }
        assertThat(pipe.lines()).containsExactly("one", "two");
    }

    @Test
    void aReaderThatIsSlowCostsLinesWhichAreCountedButNoTime() throws InterruptedException {
        var pipe = new Pipe(false);
        try (var error = StandardError.on(() -> pipe)) {
            add(error, "first");
            pipe.writing.await();
            var line = "x".repeat(1_000);
            for (int i = 0; i < 10_000; i++) {
                add(error, line);
            }
            assertThat(error.flush(Duration.ofMillis(1))).isFalse();
            pipe.reader.countDown();
            assertThat(error.flush(SOON)).isTrue();
            add(error, "last");
            assertThat(error.flush(SOON)).isTrue();

            var lines = pipe.lines();
            var kept = lines.stream().filter(line::equals).count();
            assertThat(kept * 1_001).isBetween(200_000L, 256L * 1024);
            assertThat(lines.subList((int) kept + 1, lines.size()))
                    .containsExactly(
                            "workerfarm: " + (10_000 - kept) + " lines were lost as nobody read standard error",
                            "last");
        }
    }

    @Test
    void manyEmptyLinesAreBoundedToo() throws InterruptedException {
        var pipe = new Pipe(false);
        try (var error = StandardError.on(() -> pipe)) {
            for (int i = 0; i < 100_000; i++) {
                add(error, "");
            }
            pipe.reader.countDown();
            assertThat(error.flush(SOON)).isTrue();
            assertThat(pipe.lines().size()).isLessThan(5_000);
        }
    }

    @Test
    void linesForAReaderThatIsGoneAreCountedForTheNext() throws InterruptedException {
        var pipe = new Pipe(true);
        pipe.broken = true;
        try (var error = StandardError.on(() -> pipe)) {
            add(error, "one");
            assertThat(error.flush(SOON)).isTrue();
            add(error, "two");
            assertThat(error.flush(SOON)).isTrue();
            pipe.broken = false;
            add(error, "three");
            assertThat(error.flush(SOON)).isTrue();
        }
        assertThat(pipe.lines())
                .containsExactly("workerfarm: 2 lines were lost as nobody read standard error", "three");
    }

    @Test
    void closingWaitsOnlyBrieflyForAReaderThatDoesNotRead() throws InterruptedException {
        var pipe = new Pipe(false);
        var error = StandardError.on(() -> pipe);
        add(error, "one");
        pipe.writing.await();
        var start = System.nanoTime();
        error.close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        assertThat(pipe.lines()).isEmpty();
    }

    @Test
    void aFaultInTheStreamCostsItsLineOnly() throws InterruptedException {
        var pipe = new Pipe(true);
        var faults = new CountDownLatch(1);
        try (var error = StandardError.on(() -> {
            if (faults.getCount() > 0) {
                faults.countDown();
                throw new AssertionError("on purpose");
            }
            return pipe;
        })) {
            add(error, "one");
            faults.await();
            add(error, "two");
            assertThat(error.flush(SOON)).isTrue();
        }
        assertThat(pipe.lines()).contains("two");
    }

    private static void add(StandardError error, String line) {
        error.addLine(line.getBytes(StandardCharsets.UTF_8));
    }
}
