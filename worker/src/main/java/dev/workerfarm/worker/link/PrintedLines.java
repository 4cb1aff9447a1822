package dev.workerfarm.worker.link;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What tasks print, on its way to a process's standard error: line by line, each in one write, so that it does not mix
 * with log lines. Of a longer line only the first 8 KiB and a mark are written, so a task may print anything. A line
 * without an end is written at {@link #close()}. Used through a PrintStream, which lets in one thread at a time.
 */
public final class PrintedLines extends OutputStream {
    static final int MAX_BYTES = 8 * 1024;

    private final PrintStream target;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(128);
    private long printed;

    private PrintedLines(PrintStream target) {
        this.target = target;
    }

    /** A stream for {@code System.out} or {@code System.err}; closing it leaves {@code target} open. */
    public static PrintStream onto(PrintStream target) {
        return new PrintStream(new PrintedLines(target), false, StandardCharsets.UTF_8);
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        var start = offset;
        for (var i = offset; i < offset + length; i++) {
            if (bytes[i] == '\n') {
                keep(bytes, start, i - start);
                end();
                start = i + 1;
            }
        }
        keep(bytes, start, offset + length - start);
    }

    @Override
    public void close() {
        if (printed > 0) {
            end();
        }
    }

    private void keep(byte[] bytes, int offset, int length) {
        line.write(bytes, offset, Math.min(length, MAX_BYTES - line.size()));
        printed += length;
    }

    private void end() {
        var marked = LineReader.withMark(line, printed);
        var whole = Arrays.copyOf(marked, marked.length + 1);
        whole[marked.length] = '\n';
        target.write(whole, 0, whole.length);
        line.reset();
        printed = 0;
    }
}
