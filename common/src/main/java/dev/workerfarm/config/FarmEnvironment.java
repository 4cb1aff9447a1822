package dev.workerfarm.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The file {@code .farm/env} by which {@code farm up} tells terminals where it is. Only its owner may read it. */
public final class FarmEnvironment {
    /** The process in which broker and Redis are, and that broker's place, as {@code PID@HOST:PORT}. */
    public static final String UP = "FARM_UP";

    private static final String FOLDER = ".farm";
    private static final String FILE = "env";
    private static final Pattern UP_FORM = Pattern.compile("([0-9]{1,18})(@[^@/]+)");
    private static final Pattern LINE = Pattern.compile("(FARM_[A-Z0-9_]+)=(.*)");

    private FarmEnvironment() {}

    public static Path file(Path home) {
        return home.resolve(FOLDER).resolve(FILE);
    }

    /** The file, with the process's own variables put over it as by {@link Variables#merge}; these alone without it. */
    public static Map<String, String> load(Map<String, String> variables, Path home) {
        Map<String, String> written = new TreeMap<>();
        var file = file(home);
        try {
            var number = 0;
            for (var line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
                number++;
                if (line.isBlank() || line.startsWith("#")) {
                    continue;
                }
                var matcher = LINE.matcher(line);
                if (!matcher.matches()) {
                    // Without the line itself, which may hold a password.
                    throw new IllegalArgumentException(file + ", line " + number + ": not of the form FARM_NAME=VALUE");
                }
                written.put(matcher.group(1), matcher.group(2));
            }
        } catch (NoSuchFileException e) {
            // No farm is up here.
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read " + file + ": " + e, e);
        }
        if (Variables.isGiven(variables, BrokerAddress.VARIABLE)
                || Variables.isGiven(variables, RedisAddress.VARIABLE)) {
            written.remove(UP);
        }
        return Variables.merge(written, variables);
    }

    /** That the farm of these variables has ended, in a sentence; null if it lives, or no {@code farm up} made its services. */
    public static @Nullable String ended(Map<String, String> environment) {
        var up = UP_FORM.matcher(environment.getOrDefault(UP, ""));
        // A shell may have the variable of an earlier farm.
        if (!up.matches()
                || !environment.getOrDefault(BrokerAddress.VARIABLE, "").contains(up.group(2))) {
            return null;
        }
        var pid = up.group(1);
        var isGone = ProcessHandle.of(Long.parseLong(pid))
                .filter(ProcessHandle::isAlive)
                .isEmpty();
        return isGone
                ? "the farm that .farm/env names has ended (its ./farm up was process " + pid
                        + "), and its broker and Redis with it: start ./farm up again, or set " + BrokerAddress.VARIABLE
                : null;
    }

    /** Writes the file, in the place of an older one at once: a reader sees the old or the new. */
    public static void write(Path home, Map<String, String> variables) throws IOException {
        var text = new StringBuilder("# Written by farm up; gone when it stops.\n");
        variables.forEach((name, value) -> {
            var line = name + "=" + value;
            if (!LINE.matcher(line).matches()) {
                throw new IllegalArgumentException(name + " does not fit a line of the form FARM_NAME=VALUE");
            }
            text.append(line).append('\n');
        });
        var file = file(home);
        var folder = Files.createDirectories(home.resolve(FOLDER));
        var fresh = Files.createTempFile(folder, FILE, ".new"); // which only its owner may read
        try {
            Files.writeString(fresh, text);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    /** Removes the file; harmless where there is none. */
    public static void remove(Path home) throws IOException {
        Files.deleteIfExists(file(home));
    }
}
