package dev.workerfarm.lab.chaos;

import dev.workerfarm.task.Task;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The storm's tasks as a jar in a folder for {@code FARM_TASKS}: they come to its workers as a user's own do, and are no
 * built-in tasks of everybody's farm. Stateless.
 */
final class StormJar {
    private static final List<Class<?>> CLASSES =
            List.of(StormTask.class, StormTask.Arguments.class, HeldTask.class, HeldTask.Arguments.class);

    private StormJar() {}

    static void writeTo(Path folder) {
        try (var jar = new ZipOutputStream(Files.newOutputStream(folder.resolve("storm.jar")))) {
            for (var type : CLASSES) {
                var name = type.getName().replace('.', '/') + ".class";
                try (var code = Objects.requireNonNull(type.getResourceAsStream("/" + name), name)) {
                    add(jar, name, code.readAllBytes());
                }
            }
            var tasks = StormTask.class.getName() + "\n" + HeldTask.class.getName() + "\n";
            add(jar, "META-INF/services/" + Task.class.getName(), tasks.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the storm's tasks into " + folder, e);
        }
    }

    private static void add(ZipOutputStream jar, String name, byte[] content) throws IOException {
        jar.putNextEntry(new ZipEntry(name));
        jar.write(content);
    }
}
