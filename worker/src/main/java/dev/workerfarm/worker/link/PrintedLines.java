package dev.workerfarm.worker.link;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * What tasks print, on its way to a process's standard error: line by line, each in one write, so that it does not mix
 * with log lines. Of a longer line only the first 8 KiB and a mark are written, so a task may print anything. A line
 * without an end is written at {@link #close()}. Used through a PrintStream, which lets in one thread at a time.
 */
public final class PrintedLines extends OutputStream {
    static final int MAX_BYTES = 8 * 1024;

    private final PrintStream target;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(128);
    private long cut;

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
        if (line.size() > 0) {
            end();
        }
    }

    private void keep(byte[] bytes, int offset, int length) {
        var room = cut > 0 ? 0 : MAX_BYTES - line.size();
        var taken = Math.min(length, room);
        while (taken < length && taken > 0 && (bytes[offset + taken] & 0xc0) == 0x80) {
            taken--; // no half of a UTF-8 character
        }
        line.write(bytes, offset, taken);
        cut += length - taken;
    }

    private void end() {
        var mark = (cut > 0 ? cutMark(cut) : "") + "\n";
        line.writeBytes(mark.getBytes(StandardCharsets.US_ASCII));
        target.write(line.toByteArray(), 0, line.size());
        line.reset();
        cut = 0;
    }

    /** The mark at the end of a line that was cut. */
    static String cutMark(long bytes) {
        return " ... (cut, " + bytes + " bytes)";
    }
}
