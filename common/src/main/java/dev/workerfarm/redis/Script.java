package dev.workerfarm.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A Lua script that Redis runs as one atomic step: its text, and its hash. The text begins with the script's own first line
 * ({@code #!lua}, which only Redis 7 and newer know), then comes {@code numbers.lua}.
 */
public record Script(String text, String sha1) {
    /** The script in {@code <name>.lua} beside this class. */
    public static Script named(String name) {
        String own = read(name);
        int head = own.indexOf('\n') + 1;
        String text = own.substring(0, head) + read("numbers") + own.substring(head);
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
            return new Script(text, HexFormat.of().formatHex(digest));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }

    private static String read(String name) {
        try (var file = Script.class.getResourceAsStream(name + ".lua")) {
            if (file == null) {
                throw new IllegalStateException("the jar lacks " + name + ".lua");
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("the jar's " + name + ".lua cannot be read", e);
        }
    }
}
