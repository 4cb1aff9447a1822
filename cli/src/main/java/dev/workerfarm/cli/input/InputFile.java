package dev.workerfarm.cli.input;

import dev.workerfarm.cli.output.Console;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A list's input: a file, closed in the end, or standard input, which stays open. */
public record InputFile(Lines lines, AutoCloseable owned) implements AutoCloseable {
    /**
     * Opens it.
     *
     * @param file a path; null or {@code -} is standard input
     * @throws IllegalArgumentException if the file cannot be read
     */
    public static InputFile open(@Nullable String file, Console console) {
        if (file == null || file.equals("-")) {
            return new InputFile(new Lines(console.in()), () -> {});
        }
        try {
            InputStream in = Files.newInputStream(Path.of(file));
            return new InputFile(new Lines(in), in);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("there is no file " + file, e);
        } catch (IOException | InvalidPathException e) {
            throw new IllegalArgumentException("cannot read " + file + ": " + e, e);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            owned.close();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
