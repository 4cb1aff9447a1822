package dev.workerfarm.lab.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

/** Programs on this machine. */
final class Executables {
    private Executables() {}

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

    /**
     * The folder of RabbitMQ's own scripts. Debian's {@code /usr/sbin/rabbitmq-server} is a wrapper that insists on root
     * or the rabbitmq user; the scripts it calls do not.
     */
    static Optional<Path> rabbitMqScripts() {
        return Stream.concat(
                        find("rabbitmq-server").map(Executables::realFolder).stream(),
                        Stream.of(Path.of("/usr/lib/rabbitmq/bin")))
                .filter(folder -> Stream.of("rabbitmq-server", "rabbitmqctl", "rabbitmq-env")
                        .allMatch(script -> Files.exists(folder.resolve(script))))
                .findFirst();
    }

    private static Path realFolder(Path program) {
        try {
            return program.toRealPath().resolveSibling("");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
