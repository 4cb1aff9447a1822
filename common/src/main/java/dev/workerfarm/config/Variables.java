package dev.workerfarm.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Variables; with {@code _FILE} behind its name, one names the file that holds its value. Blank means not set. */
public final class Variables {
    public static final String FILE_SUFFIX = "_FILE"; // of the name of a variable that holds a path
    private static final String PREFIX = "FARM_";
    private static final int MAX_BYTES = 65_536;

    private Variables() {}

    /**
     * The value of {@code name}, or the one line of the file that {@code name_FILE} names; null where neither is set.
     * An error, such as a file of several lines or more than 64 kB, names the variable, without the file's content.
     */
    public static @Nullable String value(Map<String, String> environment, String name) {
        var value = environment.getOrDefault(name, "");
        var file = environment.getOrDefault(name + FILE_SUFFIX, "");
        if (file.isBlank()) {
            return value.isBlank() ? null : value;
        }
        if (!value.isBlank()) {
            throw new IllegalArgumentException(
                    name + " and " + name + FILE_SUFFIX + " are both set: unset the one that is not meant");
        }
        var line = text(name + FILE_SUFFIX, file).replaceFirst("[\r\n]+$", "");
        if (line.isBlank() || line.indexOf('\n') >= 0) {
            throw new IllegalArgumentException(name + FILE_SUFFIX + ": " + file + " "
                    + (line.isBlank() ? "is empty" : "has several lines")
                    + "; it holds the value of " + name + " and nothing else");
        }
        return line;
    }

    /** The variables that a URL, and TLS for it, come from; empty where no file has any of them: none can change then. */
    static Map<String, String> source(Map<String, String> environment, String name) {
        Map<String, String> files = new HashMap<>(environment);
        files.keySet().retainAll(Set.of(name + FILE_SUFFIX, TlsSettings.CA, TlsSettings.CERTIFICATE, TlsSettings.KEY));
        files.values().removeIf(String::isBlank);
        if (!files.isEmpty() && !files.containsKey(name + FILE_SUFFIX)) {
            files.put(name, environment.getOrDefault(name, ""));
        }
        return Map.copyOf(files);
    }

    /** Whether {@code name} or {@code name_FILE} is set. */
    public static boolean isGiven(Map<String, String> environment, String name) {
        return !environment.getOrDefault(name, "").isBlank()
                || !environment.getOrDefault(name + FILE_SUFFIX, "").isBlank();
    }

    /** {@code base} with {@code over} put over it: a variable there, in either form, hides both in {@code base}. */
    public static Map<String, String> merge(Map<String, String> base, Map<String, String> over) {
        Map<String, String> merged = new HashMap<>(base);
        over.forEach((name, value) -> {
            if (name.startsWith(PREFIX) && !value.isBlank()) {
                var plain = name.length() - FILE_SUFFIX.length();
                merged.remove(name.endsWith(FILE_SUFFIX) ? name.substring(0, plain) : name + FILE_SUFFIX);
            }
        });
        merged.putAll(over);
        return merged;
    }

    static String text(String variable, String file) {
        try (var input = Files.newInputStream(Path.of(file))) {
            var bytes = input.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new IllegalArgumentException(variable + ": " + file + " is larger than 64 kB");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException | InvalidPathException e) {
            throw new IllegalArgumentException(variable + ": cannot read the file " + file + " (" + e + ")", e);
        }
    }
}
