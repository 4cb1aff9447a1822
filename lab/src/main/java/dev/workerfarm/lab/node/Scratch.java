package dev.workerfarm.lab.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** A folder of one server's own, readable by nobody else; gone when closed. */
public final class Scratch implements AutoCloseable {
    private static final int TAIL_LINES = 30;

    private final Path folder;

    public Scratch(String prefix) {
        try {
            this.folder = Files.createTempDirectory(prefix);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a scratch folder", e);
        }
    }

    public Path path() {
        return folder;
    }

    public Path path(String name) {
        return folder.resolve(name);
    }

    public Path folder(String name) {
        try {
            return Files.createDirectories(path(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path file(String name, String content, String permissions) {
        var file = path(name);
        try {
            Files.writeString(file, content);
            return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The last lines of log files, each under its name. */
    static String tail(List<Path> logs) {
        return logs.stream().map(Scratch::tail).collect(Collectors.joining("\n"));
    }

    private static String tail(Path log) {
        try {
            // Not readAllLines: a log cut in the middle of a character is still worth reading.
            var text = new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
            var lines = text.lines().toList();
            var last = lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size());
            return "--- last lines of " + log + "\n" + String.join("\n", last);
        } catch (NoSuchFileException e) {
            return "--- no " + log;
        } catch (IOException e) {
            return "--- cannot read " + log + ": " + e;
        }
    }

    @Override
    public void close() {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + folder, e);
        }
    }
}
