package dev.workerfarm.cli;

import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.config.Variables;
import dev.workerfarm.error.BrokerUnreachableException;
import dev.workerfarm.error.RedisUnreachableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A farm of docker compose on this machine, for commands outside its containers: its file {@code .env} says where it is. */
final class ComposeFarm {
    private static final Pattern LINE = Pattern.compile("\\s*(?:export\\s+)?(FARM_[A-Z0-9_]+)\\s*=\\s*(.*?)\\s*");
    private static final String NAMESPACE = "FARM_NAMESPACE";

    private ComposeFarm() {}

    /**
     * The variables, with the broker of the farm that {@code .env} in this folder describes; unchanged where an address is
     * given, or there is no such file. A variable of the process goes before the file's, as with compose.
     */
    static Map<String, String> find(Map<String, String> environment, Path folder) {
        if (Variables.isGiven(environment, BrokerAddress.VARIABLE)
                || Variables.isGiven(environment, RedisAddress.VARIABLE)) {
            return environment;
        }
        Map<String, String> written = new HashMap<>();
        var file = folder.resolve(".env");
        try {
            for (var line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
                var matcher = LINE.matcher(line);
                if (matcher.matches()) {
                    written.put(matcher.group(1), value(matcher.group(2)));
                }
            }
        } catch (NoSuchFileException e) {
            return environment;
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read " + file + ": " + e, e);
        }
        written.putAll(environment);
        Map<String, String> all = new HashMap<>(environment);
        all.put(
                BrokerAddress.VARIABLE,
                "amqp://farm:" + of(written, "FARM_RABBITMQ_PASSWORD", "rabbit-farm") + "@127.0.0.1:"
                        + of(written, "FARM_RABBITMQ_PORT", "5672") + "/");
        all.put(NAMESPACE, of(written, NAMESPACE, "farm"));
        return all;
    }

    /** Without quotes, or what stands behind as a comment. */
    private static String value(String text) {
        var isQuoted = text.length() > 1 && (text.charAt(0) == '"' || text.charAt(0) == '\'');
        var end = isQuoted ? text.indexOf(text.charAt(0), 1) : -1;
        return end > 0 ? text.substring(1, end) : text.replaceFirst("\\s+#.*", "");
    }

    private static String of(Map<String, String> variables, String name, String fallback) {
        var value = variables.getOrDefault(name, "");
        return value.isBlank() ? fallback : value;
    }

    /** How a farm of compose is reached, where no address was given and what the command needs is not there; else null. */
    static @Nullable String hint(Exception e, Map<String, String> environment) {
        var variable = e instanceof BrokerUnreachableException
                ? BrokerAddress.VARIABLE
                : e instanceof RedisUnreachableException ? RedisAddress.VARIABLE : null;
        return variable != null && !Variables.isGiven(environment, variable)
                ? "a farm of docker compose is reached by: docker compose run --rm producer ...; or, where Redis is not"
                        + " needed, by ./farm producer with its file .env (cp .env.example .env)"
                : null;
    }
}
