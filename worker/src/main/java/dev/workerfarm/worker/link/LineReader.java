package dev.workerfarm.worker.link;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads lines in bounded memory; of a longer line its first bytes and a mark. A line ends with LF, CR or both. */
public final class LineReader {
    private static final int BUFFER_BYTES = 8 * 1024;
    private static final int LONGEST_CHARACTER_BYTES = 4;

    private final InputStream in;
    private final int maxBytes;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int position;
    private int filled;
    private boolean afterCarriageReturn;

    /** Reads lines of at most {@code maxBytes} bytes, without line end and mark. */
    public LineReader(InputStream in, int maxBytes) {
        this.in = in;
        this.maxBytes = maxBytes;
    }

    /** The next line without its end, or null at the end of the stream. */
    public byte @Nullable [] next() throws IOException {
        var line = new ByteArrayOutputStream(128);
        long bytes = 0;
        while (position < filled || fill()) {
            if (afterCarriageReturn && bytes == 0 && buffer[position] == '\n') {
                position++;
                afterCarriageReturn = false;
                continue;
            }
            afterCarriageReturn = false;
            var end = lineEnd();
            line.write(buffer, position, Math.min(end - position, maxBytes - line.size()));
            bytes += end - position;
            position = end;
            if (end < filled) {
                afterCarriageReturn = buffer[position++] == '\r';
                return withMark(line, bytes);
            }
        }
        return bytes == 0 ? null : withMark(line, bytes);
    }

    private boolean fill() throws IOException {
        position = 0;
        filled = Math.max(0, in.read(buffer, 0, buffer.length));
        return filled > 0;
    }

    /** Where the line ends in the buffer; the buffer's end where it does not. */
    private int lineEnd() {
        var end = position;
        while (end < filled && buffer[end] != '\n' && buffer[end] != '\r') {
            end++;
        }
        return end;
    }

    /** What was kept of a line of so many bytes, with a mark if that is less. */
    static byte[] withMark(ByteArrayOutputStream line, long bytes) {
        if (bytes == line.size()) {
            return line.toByteArray();
        }
        var kept = new ByteArrayOutputStream(line.size() + 64);
        kept.write(line.toByteArray(), 0, wholeCharacters(line.toByteArray()));
        var mark = " ... (cut, " + (bytes - kept.size()) + " bytes)";
        kept.writeBytes(mark.getBytes(StandardCharsets.US_ASCII));
        return kept.toByteArray();
    }

    /** How many of the bytes are left without a last character of UTF-8 that may have been cut. */
    private static int wholeCharacters(byte[] cut) {
        var end = cut.length;
        while (end > 0 && cut.length - end < LONGEST_CHARACTER_BYTES && (cut[end - 1] & 0xc0) == 0x80) {
            end--;
        }
        return end > 0 && (cut[end - 1] & 0xc0) == 0xc0 ? end - 1 : cut.length;
    }
}
