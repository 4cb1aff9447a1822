package dev.workerfarm.lab.node;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds programs of this machine and runs them to their end. Stateless. */
final class Program {
    private Program() {}

    /** The program of that name on the PATH, or where system packages put servers. */
    static Optional<Path> find(String name) {
        var path = System.getenv().getOrDefault("PATH", "");
        return Stream.concat(
                        Arrays.stream(path.split(":")).filter(folder -> !folder.isEmpty()),
                        Stream.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin"))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Runs it without input and returns what it printed to either stream, as the exception of a failure does. */
    static String run(
            @Nullable Map<String, String> environment, Duration deadline, List<String> program, String... arguments) {
        var command = Stream.concat(program.stream(), Stream.of(arguments)).toList();
        try {
            // A file and not a pipe, so that the deadline holds whatever it prints.
            var output = Files.createTempFile("farm-program-", ".out");
            try {
                var builder = new ProcessBuilder(command)
                        .redirectInput(new File("/dev/null"))
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile());
                if (environment != null) {
                    builder.environment().clear();
                    builder.environment().putAll(environment);
                }
                var process = builder.start();
                try {
                    var ended = process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS);
                    var text = Files.readString(output);
                    if (!ended || process.exitValue() != 0) {
                        var how = ended ? "exit code " + process.exitValue() : "no end after " + deadline;
                        throw new IllegalStateException(String.join(" ", command) + ": " + how + "\n" + text);
                    }
                    return text;
                } finally {
                    process.destroyForcibly();
                }
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + String.join(" ", command), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted during " + String.join(" ", command), e);
        }
    }
}
