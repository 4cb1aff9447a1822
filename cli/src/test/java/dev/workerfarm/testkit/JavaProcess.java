package dev.workerfarm.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A main class or a jar in a JVM of its own, with this JVM's Java, and its class path for a class, for tests that signal and kill it. Whoever starts
 * it closes it; that kills it and its children.
 */
public final class JavaProcess implements AutoCloseable {
    private final Process process;
    private final Path output;
    private final Path error;

    private JavaProcess(Process process, Path output, Path error) {
        this.process = process;
        this.output = output;
        this.error = error;
    }

    /**
     * Starts it.
     *
     * @param environment variables beside this JVM's own
     */
    public static JavaProcess start(Map<String, String> environment, Class<?> main, String... arguments) {
        return start(environment, List.of("-Xmx256m"), main, arguments);
    }

    /**
     * Starts it.
     *
     * @param environment variables beside this JVM's own
     * @param javaOptions for its JVM
     */
    public static JavaProcess start(
            Map<String, String> environment, List<String> javaOptions, Class<?> main, String... arguments) {
        return start(
                environment,
                javaOptions,
                List.of("-cp", System.getProperty("java.class.path"), main.getName()),
                arguments);
    }

    /**
     * Starts a jar by {@code java -jar}.
     *
     * @param environment variables beside this JVM's own
     * @param javaOptions for its JVM
     */
    public static JavaProcess startJar(
            Map<String, String> environment, List<String> javaOptions, Path jar, String... arguments) {
        return start(environment, javaOptions, List.of("-jar", jar.toString()), arguments);
    }

    private static JavaProcess start(
            Map<String, String> environment, List<String> javaOptions, List<String> program, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1"));
        command.addAll(javaOptions);
        command.addAll(program);
        command.addAll(List.of(arguments));
        try {
            // Files and not pipes: nobody has to read them while it runs.
            var output = Files.createTempFile("workerfarm-test-", ".out");
            var error = Files.createTempFile("workerfarm-test-", ".err");
            var builder =
                    new ProcessBuilder(command).redirectOutput(output.toFile()).redirectError(error.toFile());
            builder.environment().putAll(environment);
            return new JavaProcess(builder.start(), output, error);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + program, e);
        }
    }

    public ProcessHandle handle() {
        return process.toHandle();
    }

    /** Its processes, and theirs. */
    public List<ProcessHandle> descendants() {
        return process.descendants().toList();
    }

    /** SIGTERM. */
    public void terminate() {
        process.toHandle().destroy();
    }

    /** SIGKILL. */
    public void kill() {
        process.toHandle().destroyForcibly();
    }

    /**
     * Waits for its end.
     *
     * @return its exit code
     * @throws IllegalStateException with what it said, if it does not end in time
     */
    public int awaitExit(Duration timeout) throws InterruptedException {
        if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("it still runs after " + timeout + "\n" + errorLines());
        }
        return process.exitValue();
    }

    /** What it has written to its standard output so far. */
    public List<String> outputLines() {
        return lines(output);
    }

    /** What it has written to its standard error so far. */
    public List<String> errorLines() {
        return lines(error);
    }

    @Override
    public void close() {
        var all = new ArrayList<>(descendants());
        process.toHandle().destroyForcibly();
        all.forEach(ProcessHandle::destroyForcibly);
        try {
            process.waitFor();
            Files.deleteIfExists(output);
            Files.deleteIfExists(error);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
