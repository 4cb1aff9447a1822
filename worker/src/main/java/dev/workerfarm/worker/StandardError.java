package dev.workerfarm.worker;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.workerfarm.loop.Loop;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Stands before a worker's standard error: a queue of at most 256 KiB and one thread that writes. Whoever adds a line
 * never waits, however slow the reader of standard error is: where the queue is full, lines are lost, counted, and
 * reported as soon as there is room. Threads may share it; whoever opens it closes it.
 */
public final class StandardError implements AutoCloseable {
    private static final int MAX_BYTES = 256 * 1024;
    /** What an entry of the queue costs beside its text. */
    private static final int ENTRY_BYTES = 64;

    private static final int MAX_UNFINISHED_BYTES = 64 * 1024;
    private static final Duration LAST_WRITES = Duration.ofMillis(200);

    /** An entry of the queue: whole lines. */
    @SuppressWarnings("ArrayRecordComponent") // told apart by nobody
    private record Text(byte[] bytes, long lines) {
        int size() {
            return bytes.length + ENTRY_BYTES;
        }
    }

    private final Supplier<OutputStream> target;
    private final Loop writer = Loop.goingOn("workerfarm-stderr", this::writeNext);
    /** What System.err was before this took its place; null where it did not. */
    private final @Nullable PrintStream replaced;

    @GuardedBy("this")
    private final Deque<Text> queue = new ArrayDeque<>();

    @GuardedBy("this")
    private int queuedBytes;

    @GuardedBy("this")
    private long lostLines;

    private StandardError(Supplier<OutputStream> target, @Nullable PrintStream replaced) {
        this.target = target;
        this.replaced = replaced;
    }

    /** For a program of the farm: everything that this process writes to {@code System.err} goes through it too, as UTF-8. */
    public static StandardError ofProgram() {
        var descriptor = new FileOutputStream(FileDescriptor.err);
        var error = new StandardError(() -> descriptor, System.err);
        System.setErr(new PrintStream(error.new Stream(), false, StandardCharsets.UTF_8));
        error.writer.start();
        return error;
    }

    /** In front of any stream, such as a {@code System.err} that stays: only what is added here goes through it. */
    public static StandardError on(Supplier<OutputStream> target) {
        var error = new StandardError(target, null);
        error.writer.start();
        return error;
    }

    /** Adds a line, given without its end. */
    public void addLine(byte[] line) {
        var bytes = Arrays.copyOf(line, line.length + 1);
        bytes[line.length] = '\n';
        add(new Text(bytes, 1));
    }

    private synchronized void add(Text text) {
        if (queuedBytes + text.size() > MAX_BYTES) {
            lostLines += text.lines;
            return;
        }
        reportLost();
        push(text);
    }

    @GuardedBy("this")
    private void reportLost() {
        if (lostLines > 0) {
            var words = "workerfarm: " + lostLines + " lines were lost as nobody read standard error\n";
            push(new Text(words.getBytes(StandardCharsets.US_ASCII), lostLines));
            lostLines = 0;
        }
    }

    @GuardedBy("this")
    private void push(Text text) {
        queue.addLast(text);
        queuedBytes += text.size();
        notifyAll();
    }

    private void writeNext() throws InterruptedException {
        var text = first();
        var isWritten = false;
        try {
            var out = target.get();
            out.write(text.bytes, 0, text.bytes.length);
            out.flush();
            isWritten = true;
        } catch (IOException e) {
            // The reader closed the pipe, so a report cannot be written either: count the lines as lost.
        } finally {
            written(text, isWritten);
        }
    }

    private synchronized Text first() throws InterruptedException {
        while (queue.isEmpty()) {
            wait();
        }
        return queue.getFirst();
    }

    private synchronized void written(Text text, boolean isWritten) {
        queue.removeFirst();
        queuedBytes -= text.size();
        if (!isWritten) {
            lostLines += text.lines;
        } else if (queue.isEmpty()) {
            reportLost();
        }
        notifyAll();
    }

    /** Waits until everything is written; false if the timeout came first. */
    synchronized boolean flush(Duration timeout) throws InterruptedException {
        var deadline = System.nanoTime() + timeout.toNanos();
        for (var left = timeout.toNanos(); left > 0 && !queue.isEmpty(); left = deadline - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return queue.isEmpty();
    }

    /** Waits for the last writes, 200 ms at most. A program gets its {@code System.err} back unless that blocks. */
    @Override
    public void close() {
        try {
            if (flush(LAST_WRITES) && replaced != null) {
                System.setErr(replaced);
                flush(LAST_WRITES); // for what came before that
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        writer.stop();
    }

    /** What a program prints. Whole lines of one write stay together. */
    private final class Stream extends OutputStream {
        private final ByteArrayOutputStream unfinished = new ByteArrayOutputStream(); // PrintStream's lock guards it

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            var end = offset + length;
            long lines = 0;
            var lastEnd = offset;
            for (var i = offset; i < end; i++) {
                if (bytes[i] == '\n') {
                    lines++;
                    lastEnd = i + 1;
                }
            }
            unfinished.write(bytes, offset, lastEnd - offset);
            if (lines > 0) {
                addUnfinished(lines);
            }
            unfinished.write(bytes, lastEnd, end - lastEnd);
            if (unfinished.size() > MAX_UNFINISHED_BYTES) {
                addUnfinished(1);
            }
        }

        private void addUnfinished(long lines) {
            add(new Text(unfinished.toByteArray(), lines));
            unfinished.reset();
        }
    }
}
