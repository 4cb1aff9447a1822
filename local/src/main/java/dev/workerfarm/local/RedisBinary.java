package dev.workerfarm.local;

import dev.workerfarm.error.RedisUnreachableException;
import java.io.File;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * Finds a {@code redis-server} that runs on this machine, a {@code system} such as {@code linux-amd64}: the one that the jar
 * of {@code org.signal:embedded-redis} carries, copied once into the user's cache folder (into a private temporary one
 * where the cache forbids execution), or else the one on the PATH.
 */
record RedisBinary(String system, Path cacheFolder, Path temporaryFolder, String searchPath) {
    private static final String VERSION = "7.0.15";
    private static final int PROBE_SECONDS = 10;

    /** The search for this machine, user, and variables XDG_CACHE_HOME and PATH. */
    static RedisBinary ofThisMachine(Map<String, String> variables) {
        var temporaryFolder = Path.of(System.getProperty("java.io.tmpdir"));
        var xdgCacheHome = variables.getOrDefault("XDG_CACHE_HOME", "");
        var home = System.getProperty("user.home");
        var caches = xdgCacheHome.startsWith("/") ? Path.of(xdgCacheHome) : Path.of(home, ".cache");
        return new RedisBinary(
                system(System.getProperty("os.name"), System.getProperty("os.arch")),
                caches.resolve("workerfarm"),
                temporaryFolder,
                variables.getOrDefault("PATH", ""));
    }

    /** A binary that has just shown its version. The exception names every place that was tried. */
    Path find() {
        List<String> tried = new ArrayList<>(); // why each place that was looked at gave nothing
        return carried(tried)
                .or(() -> installed(tried))
                .orElseThrow(
                        () -> new RedisUnreachableException("No redis-server runs here (" + String.join("; ", tried)
                                + "). Install Redis, or set FARM_REDIS_URL to one that runs elsewhere."));
    }

    /** As the carried binaries are named: {@code linux} or {@code darwin}, then {@code amd64}, {@code arm64} or {@code 386}. */
    static String system(String osName, String osArch) {
        var os = osName.toLowerCase(Locale.ROOT).replace(' ', '-');
        var arch = switch (osArch.toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64" -> "amd64";
            case "aarch64", "arm64" -> "arm64";
            case "x86", "i386", "i486", "i586", "i686" -> "386";
            default -> osArch;
        };
        return (os.startsWith("mac") ? "darwin" : os) + "-" + arch;
    }

    private Optional<Path> carried(List<String> tried) {
        var binary = RedisBinary.class.getResource("/redis-server-" + VERSION + "-" + system);
        if (binary == null) {
            tried.add("none is carried for " + system);
            return Optional.empty();
        }
        return from(cacheFolder, () -> cached(binary), tried)
                .or(() -> from(temporaryFolder, () -> unpacked(binary), tried));
    }

    private interface Copying {
        Path copy() throws IOException;
    }

    private static Optional<Path> from(Path folder, Copying copying, List<String> tried) {
        try {
            return runs(copying.copy(), tried);
        } catch (IOException e) {
            tried.add(folder + " cannot be used: " + e.getMessage());
            return Optional.empty();
        }
    }

    private Path cached(URL binary) throws IOException {
        // A user without a home has "?" or "/" for one: the first is refused here, the second by the system.
        if (!cacheFolder.isAbsolute()) {
            throw new IOException("not an absolute path");
        }
        Files.createDirectories(cacheFolder);
        var copy = cacheFolder.resolve(name(binary));
        if (!isWhole(copy, binary)) {
            unpack(binary, copy);
        }
        return copy;
    }

    /** The folder has a random name and is the user's alone: in a shared one somebody else could lay out a binary for us. */
    private Path unpacked(URL binary) throws IOException {
        var folder = Files.createTempDirectory(temporaryFolder, "workerfarm-redis-");
        var copy = folder.resolve(name(binary));
        folder.toFile().deleteOnExit();
        copy.toFile().deleteOnExit();
        unpack(binary, copy);
        return copy;
    }

    private Optional<Path> installed(List<String> tried) {
        var found = Stream.of(searchPath.split(File.pathSeparator, -1))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, "redis-server"))
                .filter(Files::isExecutable)
                .flatMap(candidate -> runs(candidate, tried).stream())
                .findFirst();
        if (found.isEmpty()) {
            tried.add("none on the PATH");
        }
        return found;
    }

    /** Length and checksum against the jar's own entry, which does not unpack it; the folder is the user's, so this is no defence. */
    private static boolean isWhole(Path copy, URL binary) throws IOException {
        if (!Files.isRegularFile(copy) || !(binary.openConnection() instanceof JarURLConnection connection)) {
            return false;
        }
        var entry = connection.getJarEntry();
        if (entry == null || Files.size(copy) != entry.getSize()) {
            return false;
        }
        var checksum = new CRC32();
        checksum.update(Files.readAllBytes(copy));
        return checksum.getValue() == entry.getCrc();
    }

    /** In one step, as two farms may start at once. */
    private static void unpack(URL binary, Path target) throws IOException {
        var folder = target.toAbsolutePath().getParent();
        var part = Files.createTempFile(folder, "redis-server-", ".part");
        try (var content = binary.openStream()) {
            Files.copy(content, part, StandardCopyOption.REPLACE_EXISTING);
            if (!part.toFile().setExecutable(true)) {
                throw new IOException("it cannot be made executable");
            }
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static Optional<Path> runs(Path candidate, List<String> tried) {
        try {
            var probe = new ProcessBuilder(candidate.toString(), "--version")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!probe.waitFor(PROBE_SECONDS, TimeUnit.SECONDS)) {
                probe.destroyForcibly();
                tried.add(candidate + " did not answer");
            } else if (probe.exitValue() != 0) {
                tried.add(candidate + " exited with " + probe.exitValue());
            } else {
                return Optional.of(candidate);
            }
        } catch (IOException e) {
            tried.add(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            tried.add(candidate + ": interrupted");
        }
        return Optional.empty();
    }

    private static String name(URL binary) {
        var path = binary.getPath();
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
