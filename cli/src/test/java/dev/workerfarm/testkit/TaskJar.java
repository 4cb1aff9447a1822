package dev.workerfarm.testkit;

import dev.workerfarm.task.Task;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import javax.tools.ToolProvider;

/** A jar of tasks, or of a program with tasks, as a user would build it. */
public final class TaskJar {
    private static final String SERVICES = "META-INF/services/" + Task.class.getName();

    private final Map<String, byte[]> entries = new LinkedHashMap<>();

    /** Puts classes of this class path into it. */
    public TaskJar with(Class<?>... classes) {
        for (var type : classes) {
            var name = type.getName().replace('.', '/') + ".class";
            try (var bytes = Objects.requireNonNull(type.getResourceAsStream("/" + name), name)) {
                entries.put(name, bytes.readAllBytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return this;
    }

    /** Puts all files of other jars into it, as a shaded jar has them. */
    public TaskJar withContentsOf(List<Path> jars) {
        for (var jar : jars) {
            try (var zip = new ZipFile(jar.toFile())) {
                for (var entry : zip.stream().filter(e -> !e.isDirectory()).toList()) {
                    entries.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return this;
    }

    /** Puts all files under a folder into it. */
    public TaskJar withFiles(Path folder) {
        try (var files = Files.walk(folder)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                entries.put(folder.relativize(file).toString(), Files.readAllBytes(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Puts all that another has into a folder of it, and the folder itself. */
    public TaskJar withContentsOf(TaskJar other, String folder) {
        entries.put(folder, new byte[0]);
        other.entries.forEach((name, bytes) -> entries.put(folder + name, bytes));
        return this;
    }

    /** Puts whole jars into a folder of it. */
    public TaskJar withJars(List<Path> jars, String folder) {
        for (var jar : jars) {
            try {
                entries.put(folder + jar.getFileName(), Files.readAllBytes(jar));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return this;
    }

    /** Says this in its manifest. */
    public TaskJar saying(Map<String, String> attributes) {
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.forEach((name, value) -> manifest.getMainAttributes().putValue(name, value));
        var bytes = new ByteArrayOutputStream();
        try {
            manifest.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        entries.put(JarFile.MANIFEST_NAME, bytes.toByteArray());
        return this;
    }

    /** Lists tasks in its service file. */
    public TaskJar naming(Class<?>... tasks) {
        var lines = Arrays.stream(tasks).map(Class::getName).collect(Collectors.joining("\n"));
        entries.put(SERVICES, lines.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** The project in {@code examples/}, compiled into a scratch folder against this class path. */
    public static TaskJar ofExamples(Path scratch) {
        var project = Path.of("..", "examples", "src", "main");
        List<String> arguments = new ArrayList<>(
                List.of("--release", "17", "-d", scratch.toString(), "-cp", System.getProperty("java.class.path")));
        try (var sources = Files.walk(project.resolve("java"))) {
            sources.filter(Files::isRegularFile).map(Path::toString).forEach(arguments::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler.run(null, null, null, arguments.toArray(String[]::new)) != 0) {
            throw new IllegalStateException("the examples do not compile: see above");
        }
        return new TaskJar().withFiles(scratch).withFiles(project.resolve("resources"));
    }

    public void writeTo(Path file) {
        try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (var entry : entries.entrySet()) {
                zip.putNextEntry(head(entry.getKey(), entry.getValue()));
                zip.write(entry.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A jar within a jar is stored as it is, so that its entries can be read in place. */
    private static ZipEntry head(String name, byte[] bytes) {
        var head = new ZipEntry(name);
        if (name.endsWith(".jar")) {
            var crc = new CRC32();
            crc.update(bytes);
            head.setMethod(ZipEntry.STORED);
            head.setSize(bytes.length);
            head.setCrc(crc.getValue());
        }
        return head;
    }
}
