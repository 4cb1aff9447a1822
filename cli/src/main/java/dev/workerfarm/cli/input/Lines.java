package dev.workerfarm.cli.input;

import dev.workerfarm.cli.output.Console;
import dev.workerfarm.json.Json;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The lines of a UTF-8 stream without blank ones, read as they are asked for. Closes a file that it has opened. */
public final class Lines extends ReadAhead implements Closeable {
    /** Reading more twice, only for a progress bar, takes too long. */
    private static final long MOST_COUNTED_BYTES = 64 << 20;

    private static final String BYTE_ORDER_MARK = "\ufeff";

    private final BufferedInputStream in;
    private final Closeable owned;
    private long number;
    private boolean ended;

    Lines(InputStream in) {
        this(in, () -> {});
    }

    private Lines(InputStream in, Closeable owned) {
        this.in = new BufferedInputStream(in, 64 * 1024);
        this.owned = owned;
    }

    /** Of a file, or of standard input for null and {@code -}; an IllegalArgumentException if it cannot be read. */
    public static Lines open(@Nullable String file, Console console) {
        if (file == null || file.equals("-")) {
            return new Lines(console.in());
        }
        try {
            var in = Files.newInputStream(Path.of(file));
            return new Lines(in, in);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("there is no file " + file, e);
        } catch (IOException | InvalidPathException e) {
            throw new IllegalArgumentException("cannot read " + file + ": " + e, e);
        }
    }

    /** As a person counts them: from 1, blank ones too. */
    @Override
    public String place() {
        return "line " + number;
    }

    @Override
    boolean canRead() {
        try {
            return ended || in.available() > 0;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** Throws IllegalArgumentException at a line that is not UTF-8 or longer than a message may be. */
    @Override
    protected @Nullable String read() {
        while (!ended) {
            var line = readLine();
            if (line != null && !line.isBlank()) {
                return line;
            }
        }
        return null;
    }

    private @Nullable String readLine() {
        number++;
        var line = new ByteArrayOutputStream();
        try {
            for (int next = in.read(); next != '\n'; next = in.read()) {
                if (next < 0) {
                    ended = true;
                    return line.size() == 0 ? null : text(line);
                }
                line.write(next);
                if (line.size() > Json.MAX_BYTES) {
                    throw new IllegalArgumentException(
                            "line " + number + " of the input is longer than " + Json.MAX_BYTES + " bytes");
                }
            }
        } catch (IOException e) {
            throw unreadable(e);
        }
        return text(line);
    }

    private String text(ByteArrayOutputStream line) {
        try {
            var bytes = ByteBuffer.wrap(line.toByteArray());
            var text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
            if (number == 1 && text.startsWith(BYTE_ORDER_MARK)) { // as Windows writes it
                text = text.substring(1);
            }
            return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("line " + number + " of the input is not UTF-8 text", e);
        }
    }

    /** How many texts there are in a regular file, as {@code reader} takes them; -1 where that is not to be known. */
    public static long count(@Nullable String file, Function<Lines, ReadAhead> reader) {
        var path = file == null || file.equals("-") ? null : Path.of(file);
        try {
            if (path == null || !Files.isRegularFile(path) || Files.size(path) > MOST_COUNTED_BYTES) {
                return -1;
            }
            try (var in = Files.newInputStream(path)) {
                var texts = reader.apply(new Lines(in));
                var count = 0L;
                for (; texts.hasNext(); texts.next()) {
                    count++;
                }
                return count;
            }
        } catch (IOException | IllegalArgumentException | UncheckedIOException e) {
            return -1; // the reading itself says what is wrong
        }
    }

    @Override
    public void close() throws IOException {
        owned.close();
    }

    private static UncheckedIOException unreadable(IOException e) {
        return new UncheckedIOException("cannot read the input: " + e.getMessage(), e);
    }
}
