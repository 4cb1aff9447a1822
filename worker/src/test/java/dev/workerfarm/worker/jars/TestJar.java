package dev.workerfarm.worker.jars;

import dev.workerfarm.task.Task;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A jar made of classes that this module's tests have, so that nothing has to be compiled while they run. */
final class TestJar {
    private final Map<String, byte[]> entries = new LinkedHashMap<>();

    /** Puts classes into it. */
    TestJar with(Class<?>... classes) {
        for (var type : classes) {
            entries.put(entry(type), bytes(type));
        }
        return this;
    }

    /** Puts a class into it as if it were compiled for the Java that comes after this one. */
    TestJar withFutureClass(Class<?> type) {
        var bytes = bytes(type);
        bytes[7] = (byte) (Runtime.version().feature() + 44 + 1); // the lower byte of the major version
        entries.put(entry(type), bytes);
        return this;
    }

    /** Lists tasks in its service file. */
    TestJar naming(Class<?>... tasks) {
        var lines = new StringBuilder();
        for (var task : tasks) {
            lines.append(task.getName()).append('\n');
        }
        entries.put(
                "META-INF/services/" + Task.class.getName(), lines.toString().getBytes(StandardCharsets.UTF_8));
        return this;
    }

    void writeTo(Path file) {
        try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (var entry : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String entry(Class<?> type) {
        return type.getName().replace('.', '/') + ".class";
    }

    private static byte[] bytes(Class<?> type) {
        try (var bytes = Objects.requireNonNull(type.getResourceAsStream("/" + entry(type)), "class file")) {
            return bytes.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
