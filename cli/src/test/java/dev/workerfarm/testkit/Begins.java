package dev.workerfarm.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** A file to which each run of a task appends its process's id: who ran it, and how often it was begun. */
public final class Begins {
    private Begins() {}

    static void add(Path file) throws IOException {
        Files.writeString(
                file, ProcessHandle.current().pid() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** The ids in order, none where there is no file yet. */
    public static List<Long> of(Path file) throws IOException {
        return Files.exists(file)
                ? Files.readAllLines(file).stream().map(Long::valueOf).toList()
                : List.of();
    }
}
